"""The general ways of reading, one base class each."""

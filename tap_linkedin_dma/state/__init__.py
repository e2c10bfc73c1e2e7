"""The state, from which the next run resumes."""

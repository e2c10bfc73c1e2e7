"""Typed rows from LinkedIn's JSON."""

"""Figures of pages and posts, and the ways in which LinkedIn gives them over time."""

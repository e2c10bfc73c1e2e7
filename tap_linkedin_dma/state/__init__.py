"""What the next run resumes from."""

"""One run: which stream reads when, in which order records are emitted, and what is committed to the state."""

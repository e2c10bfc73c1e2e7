"""One run: who reads when, what leaves in which order, what enters the state."""

"""Output: Singer messages, progress and summary, exit codes."""

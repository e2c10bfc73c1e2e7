"""The command `login`: from a consent page to a token file."""

"""The command `login`: gets a token with a member's consent, and keeps it."""

"""Tokens: getting, keeping, renewing and sending them."""

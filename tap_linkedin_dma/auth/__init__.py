"""Tokens: how they are got, kept, renewed and sent."""

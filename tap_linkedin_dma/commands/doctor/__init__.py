"""The command `doctor`: what is wrong with the token, the roles and each stream."""

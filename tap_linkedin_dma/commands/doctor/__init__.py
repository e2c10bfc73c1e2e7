"""The command `doctor`: checks the token, the roles and each stream."""

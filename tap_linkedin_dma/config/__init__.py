"""The tap's settings and input files, and their validation."""

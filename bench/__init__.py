"""This tap beside bare loops and what could be picked instead: `make bench`."""

"""The settings and files that the tap is given, and what is wrong with them."""

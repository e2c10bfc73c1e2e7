"""The commands `erase`, `retention` and `comments`: SQL for a warehouse that this tap filled."""

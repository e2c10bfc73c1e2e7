"""The commands `erase` and `retention`: SQL for a warehouse that this tap filled."""

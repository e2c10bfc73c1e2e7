"""What pytest is not to import."""

# It runs where Dagster is installed.
collect_ignore = ["play.py"]

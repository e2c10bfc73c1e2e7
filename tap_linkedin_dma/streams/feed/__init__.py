"""Posts, comments, reactions, reposts and their counts."""

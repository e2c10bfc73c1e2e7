"""LinkedIn's REST API: how it is asked and how it answers. Knows no stream."""

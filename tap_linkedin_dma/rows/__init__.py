"""From LinkedIn's JSON to a typed row."""

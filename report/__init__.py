"""The marts as a page to mail (`python -m report`) and as an app (`report/app.py`)."""

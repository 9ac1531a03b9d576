"""The demo agency: an invented web agency whose figures tell a story. One module for each kind of row."""

"""The API: tokens, reading, writing, changes, and its description."""

"""A whole installation on one machine: `make run` and `retour serve`."""

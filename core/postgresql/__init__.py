"""Django's backend for PostgreSQL, with kept connections that are not asked before each request (docs/adr/0059)."""

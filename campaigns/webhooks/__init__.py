"""Telling other programs and chats what happens: events, what they say, and their delivery (docs/adr/0042)."""

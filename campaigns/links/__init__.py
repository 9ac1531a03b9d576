"""Tracking links: how they are named, where they lead, what they send along and how they are counted."""

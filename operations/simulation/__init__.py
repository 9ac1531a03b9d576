"""Simulated agencies taken through the application itself: rows, credits, rollups and weekly verdicts."""

"""The screens of campaigns, leads, sales, spend, outcomes and settings, by noun."""

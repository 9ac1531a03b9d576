"""Leads that arrive by themselves, from forms of any site: what is read of them, what is believed, what is made."""

"""Figures computed from the records: roll-ups, pages, API."""

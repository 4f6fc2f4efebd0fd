"""Becoming a registered volunteer: application, decision, number."""

"""Mechanisms without a domain word and without a table."""

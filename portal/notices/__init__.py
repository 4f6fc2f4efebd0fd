"""Tells a person something."""

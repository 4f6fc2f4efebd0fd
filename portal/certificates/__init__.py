"""Certificates of service minutes."""

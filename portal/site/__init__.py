"""Pages composed from everything below."""

"""Check-in and check-out: scans, visits, and what they credit."""

"""Arrivals that a second word makes count: typed from paper, said at a poster, of who walked in."""

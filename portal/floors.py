"""The one list of features, bottom-up. A feature imports only from lower floors."""

from __future__ import annotations

FLOORS: tuple[tuple[str, ...], ...] = (
    ("core",),
    ("records",),
    ("org",),
    ("people",),
    ("notices",),
    ("shifts",),
    ("signups", "hours"),
    ("attendance",),
    ("activities", "posts", "arrivals", "honours"),
    (
        "teams",
        "projects",
        "registration",
        "certificates",
        "wishes",
        "services",
        "feedback",
        "corrections",
        "closeouts",
    ),
    ("membership", "pairing", "imports", "anomalies"),
    ("figures", "calendars"),
    ("site",),
    ("cli",),
)

FEATURES: tuple[str, ...] = tuple(name for floor in FLOORS for name in floor if name != "core")


def floor_of(feature: str) -> int:
    """Return the floor a feature stands on. Raises StopIteration for an unknown name."""
    return next(number for number, names in enumerate(FLOORS) if feature in names)

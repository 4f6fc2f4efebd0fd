"""Micro-wishes (微心愿): filed, verified, published, pledged, fulfilled, confirmed, closed."""

from __future__ import annotations

from portal.wishes import models_pledges  # noqa: F401  a table is known once its file is read

"""The blueprint of attendance; its views stand by audience in the files beside."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("attendance", __name__)

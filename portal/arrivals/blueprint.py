"""The blueprint of arrivals; its views stand by subject in the files beside."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("arrivals", __name__)

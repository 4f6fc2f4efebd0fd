"""The one blueprint of membership: own pages, branches, desk, administration."""

from flask import Blueprint

bp = Blueprint("membership", __name__)

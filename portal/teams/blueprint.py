"""The blueprint of the teams' pages."""

from flask import Blueprint

bp = Blueprint("teams", __name__)

"""The blueprint of the projects' pages."""

from flask import Blueprint

bp = Blueprint("projects", __name__)

"""The one blueprint of activities, public pages and desk."""

from flask import Blueprint

bp = Blueprint("activities", __name__)

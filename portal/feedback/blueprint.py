"""The one blueprint of feedback, public pages, own pages and desk."""

from flask import Blueprint

bp = Blueprint("feedback", __name__)

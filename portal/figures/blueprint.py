"""The one blueprint of figures: office, public page, API, tokens."""

from flask import Blueprint

bp = Blueprint("figures", __name__)

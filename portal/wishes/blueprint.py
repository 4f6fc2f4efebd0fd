"""The one blueprint of wishes: the wall, a wish, and one's own pledges."""

from flask import Blueprint

bp = Blueprint("wishes", __name__)

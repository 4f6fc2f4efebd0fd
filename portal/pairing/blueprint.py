"""The one blueprint of pairing: office, desk, own pages and public ones."""

from flask import Blueprint

bp = Blueprint("pairing", __name__)

"""The one blueprint of corrections, own pages, desk and office."""

from flask import Blueprint

bp = Blueprint("corrections", __name__)

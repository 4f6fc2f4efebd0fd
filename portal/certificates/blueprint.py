"""The one blueprint of certificates: own pages, desk, public check."""

from flask import Blueprint

bp = Blueprint("certificates", __name__)

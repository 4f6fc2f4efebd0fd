"""The one blueprint of close-outs."""

from flask import Blueprint

bp = Blueprint("closeouts", __name__)

"""The one blueprint of honours, evaluations, star levels and the way upstream."""

from flask import Blueprint

bp = Blueprint("honours", __name__)

"""The one blueprint of posts, public pages and desk."""

from flask import Blueprint

bp = Blueprint("posts", __name__)

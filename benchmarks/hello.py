"""The measure of all rows: the smallest Flask application, served as the portal is."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/")
def hello() -> str:
    return "hello"

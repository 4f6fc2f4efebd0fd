"""Tells a person something: in the tray always, by mail, text or WeChat message where they agreed."""

from __future__ import annotations

from typing import Any

from flask import Flask

from portal.core.access import current_actor
from portal.notices import queries, views


def init_app(app: Flask) -> None:
    """Register the page of choices, and give pages of signed-in people the number of unread."""
    app.register_blueprint(views.bp)

    @app.context_processor
    def unread() -> dict[str, Any]:
        return {"unread_notices": _count_unread}


def _count_unread() -> int:
    return queries.count_unread(current_actor().person_id or 0)

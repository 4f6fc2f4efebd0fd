"""District settings: rows that only grow, over one typed catalogue.

What a record was judged by is stored with the record; a setting says what holds from now on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, g, has_app_context
from sqlalchemy import JSON, Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.access import Actor
from portal.core.copies import kept, last_known, read_again
from portal.core.db import Base, UtcDateTime, append_only, db, execute
from portal.core.ref import Ref
from portal.records import audit
from portal.records.settings_catalogue import BY_KEY


class SettingRow(Base):
    """A value that holds from `valid_from` on; the newest row of a key holds."""

    __tablename__ = "setting"
    __table_args__ = (Index(None, "key", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    station_id: Mapped[int | None] = mapped_column(Integer)
    value: Mapped[Any] = mapped_column(JSON)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime())
    actor_id: Mapped[int | None] = mapped_column(Integer)


append_only(SettingRow.__table__)  # type: ignore[arg-type]


def get(key: str) -> Any:
    """Return the value that holds now; read once per request. KeyError for an unknown key."""
    return _all().get(key, BY_KEY[key].default)


def _all() -> Mapping[str, Any]:
    return _stored() if has_app_context() else {}


_STORED = select(SettingRow.key, SettingRow.value).order_by(SettingRow.id)


@kept
def _stored() -> Mapping[str, Any]:
    return {row.key: row.value for row in execute(_STORED)}


def change(key: str, value: Any, *, actor: Actor, now: datetime) -> None:
    """Let a value hold from now on. An action for `write`; nothing happens when it holds already."""
    before = get(key)
    if before == value:
        return
    row = SettingRow(key=key, value=value, valid_from=now, actor_id=actor.person_id)
    db.session.add(row)
    db.session.flush()
    read_again()
    audit.record(
        "setting.change",
        Ref("setting", row.id),
        actor=actor,
        now=now,
        key=key,
        before=before,
        after=value,
    )


def history() -> list[SettingRow]:
    """Return all changes, newest first."""
    return list(db.session.scalars(select(SettingRow).order_by(SettingRow.id.desc()).limit(200)))


def init_app(app: Flask) -> None:
    """Give templates the settings that stand on every page."""

    @app.context_processor
    def site_words() -> dict[str, Any]:
        if g.get("failed"):  # the page of a failure asks nothing of the database
            known = last_known(_stored) or {}
            return {name: known[name] for name in ("site_name", "help_phone") if name in known}
        return {"site_name": get("site_name"), "help_phone": get("help_phone")}

"""What an event says: the profile of every feed, from a row to a VEVENT."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from portal.calendars.queries import Showing
from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.ical import Event
from portal.shifts.models import OfferingType

# Addresses that are promised to the outside; a service post is shown by its own feature.
_PATHS = {OfferingType.ACTIVITY: "activities", OfferingType.SERVICE_POST: "posts"}


@dataclass(frozen=True, slots=True)
class Profile:
    """What all events of a feed share."""

    public_url: str
    help_phone: str
    lang: str

    @property
    def host(self) -> str:
        """The host that makes a UID unique in the world."""
        return urlsplit(self.public_url).hostname or "localhost"


def of(rows: Iterable[Showing], profile: Profile) -> list[Event]:
    """Return the events of the rows."""
    host = profile.host
    return [_event(row, profile, host) for row in rows]


def _event(row: Showing, profile: Profile, host: str) -> Event:
    url = f"{profile.public_url}/{_PATHS[row.offering_type]}/{row.offering_public_id}"
    cancelled = row.is_cancelled
    return Event(
        uid=f"{row.public_id}@{host}",
        sequence=row.revision,
        revised_at=row.updated_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        summary=f"【{_('已取消')}】{row.title}" if cancelled else row.title,
        description=_description(
            row, url, row.contact_phone or row.station_phone or profile.help_phone
        ),
        location=_location(row, profile.lang),
        url=url,
        categories=(row.kind_en if profile.lang == "en" else row.kind_zh,),
        cancelled=cancelled,
    )


def _location(row: Showing, lang: str) -> str:
    parts = (part for part in (row.place, row.station_address) if part)
    return (", " if lang == "en" else "，").join(parts) or row.station_name


def _description(row: Showing, url: str, phone: str) -> str:
    parts = []
    if row.is_cancelled:
        parts.append(_("这一场已经取消，请不要前往。"))
    elif row.moved_from_at is not None:
        parts.append(_("时间改过：原定 %(when)s。", when=_moment(row.moved_from_at)))
    if row.summary:
        parts.append(row.summary)
    parts.append(_("主办：%(station)s", station=row.station_name))
    if not row.is_cancelled:
        parts.append(_("报名：打开 %(url)s", url=url))
    if phone:
        parts.append(_("电话：%(phone)s", phone=phone))
    return "\n".join(parts)


def _moment(at: datetime) -> str:
    return filters.moment(at).replace("\u00a0", " ")

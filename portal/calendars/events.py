"""What an event says: the profile of every feed, from a row to a VEVENT."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
    """What all events of a feed share. The words are looked up once, not for each event."""

    public_url: str
    help_phone: str
    lang: str
    called_off: str
    stay_away: str
    moved: str
    host_station: str
    received_by: str
    sign_up: str
    phone: str

    @property
    def host(self) -> str:
        """The host that makes a UID unique in the world."""
        return urlsplit(self.public_url).hostname or "localhost"


def profile(public_url: str, help_phone: str, lang: str) -> Profile:
    """Return the profile in the reader's language."""
    return Profile(
        public_url,
        help_phone,
        lang,
        called_off=_("【已取消】"),
        stay_away=_("这一场已经取消，请不要前往。"),
        moved=_("时间改过：原定 %(when)s。"),
        host_station=_("主办："),
        received_by=_("接待单位："),
        sign_up=_("报名：打开 "),
        phone=_("电话："),
    )


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
        summary=profile.called_off + row.title if cancelled else row.title,
        description=_description(row, url, profile, cancelled=cancelled),
        location=_location(row, profile.lang),
        url=url,
        category=row.kind_en if profile.lang == "en" else row.kind_zh,
        cancelled=cancelled,
    )


def _location(row: Showing, lang: str) -> str:
    if row.place and row.station_address:
        return f"{row.place}{', ' if lang == 'en' else '，'}{row.station_address}"
    return row.place or row.station_address or row.station_name


def _description(row: Showing, url: str, profile: Profile, *, cancelled: bool) -> str:
    parts = []
    if cancelled:
        parts.append(profile.stay_away)
    elif row.moved_from_at is not None:
        when = filters.moment(row.moved_from_at).replace("\u00a0", " ")
        parts.append(profile.moved % {"when": when})
    if row.summary:
        parts.append(row.summary)
    parts.append(profile.host_station + row.station_name)
    if row.host:
        parts.append(profile.received_by + row.host)
    if not cancelled:
        parts.append(profile.sign_up + url)
    phone = row.contact_phone or row.station_phone or profile.help_phone
    if phone:
        parts.append(profile.phone + phone)
    return "\n".join(parts)

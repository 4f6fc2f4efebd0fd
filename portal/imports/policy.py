"""Clauses: who may import, and where."""

from __future__ import annotations

from portal.core.access import Actor, Role
from portal.imports.models import ImportUpload, Sort

IMPORTERS = (Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)
# Who has the desk's pages of what was imported; the office hands its drafts to the station.
KEEPERS = (Role.STATION_MANAGER, Role.ADMINISTRATOR)


def imports(actor: Actor) -> bool:
    """Managers of some station, the office, and administrators."""
    return actor.holds_any(*IMPORTERS)


def imports_sort(actor: Actor, sort: Sort) -> bool:
    """The same, for every sort of rows."""
    return imports(actor)


def imports_at(actor: Actor, station_id: int) -> bool:
    """Who holds one of the roles at the station."""
    return actor.holds_any(*IMPORTERS, at=station_id)


def keeps_upload(actor: Actor, upload: ImportUpload) -> bool:
    """Who sent it, and may import at its station still."""
    return upload.uploaded_by_id == actor.person_id and imports_at(actor, upload.station_id)


def has_desk_of(actor: Actor, upload: ImportUpload) -> bool:
    """Who finds what was imported at the station's desk."""
    return actor.holds_any(*KEEPERS, at=upload.station_id)

"""Who may do what with wishes and pledges."""

from __future__ import annotations

from portal.core.access import Actor, Role
from portal.wishes.models import Filer, Wish
from portal.wishes.models_pledges import Pledge
from portal.wishes.models_stories import WishPhoto


def keeps_wishes(actor: Actor) -> bool:
    """Managers of some station, and administrators."""
    return actor.holds_any(Role.STATION_MANAGER, Role.ADMINISTRATOR)


def may_keep(actor: Actor, wish: Wish) -> bool:
    """Managers of the wish's station (or above), and administrators."""
    return actor.holds(Role.STATION_MANAGER, wish.station_id) or actor.is_admin


def sees_wishes_of_district(actor: Actor) -> bool:
    """The campaign office, of the district or of a street: figures and public words alone."""
    return actor.is_office


def is_of(actor: Actor, wish: Wish) -> bool:
    """The wisher, or who filed the wish for them."""
    return actor.is_signed_in and actor.person_id in {wish.wisher_id, wish.filed_by_id}


def speaks_for(actor: Actor, wish: Wish) -> bool:
    """The wisher, or the relative who filed the wish."""
    own = actor.is_signed_in and actor.person_id == wish.wisher_id
    return own or (wish.filer == Filer.RELATIVE and is_of(actor, wish))


def may_confirm(actor: Actor, wish: Wish) -> bool:
    """The wisher or their relative; and the station, which calls back."""
    return speaks_for(actor, wish) or may_keep(actor, wish)


def may_change(actor: Actor, wish: Wish) -> bool:
    """The wisher, who filed it, and the station."""
    return is_of(actor, wish) or may_keep(actor, wish)


def is_pledger(actor: Actor, pledge: Pledge) -> bool:
    """Who pledged, also under a record that was merged into theirs."""
    return actor.is_signed_in and actor.person_id in {
        pledge.person_id,
        pledge.person.merged_into_id,
    }


def sees_photos(actor: Actor, wish: Wish) -> bool:
    """The wisher's side and the station see every photo of the wish."""
    return speaks_for(actor, wish) or may_keep(actor, wish)


def may_see_photo(actor: Actor, photo: WishPhoto) -> bool:
    """The pledger, the wisher's side and the station; others only when the story is told."""
    return is_pledger(actor, photo.pledge) or sees_photos(actor, photo.pledge.wish)


def may_end(actor: Actor, pledge: Pledge) -> bool:
    """The pledger, or the station on their behalf."""
    return is_pledger(actor, pledge) or may_keep(actor, pledge.wish)

"""Stories of fulfilled wishes that everybody reads, and photos for whom they are meant."""

from __future__ import annotations

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor, public, public_with
from portal.core.copies import cached
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, page, safe_next
from portal.records import files
from portal.wishes import actions_stories, policy, queries_stories, telling
from portal.wishes.blueprint import bp
from portal.wishes.models_stories import WishPhoto


@bp.get("/wishes/stories")
@public
def stories() -> ResponseReturnValue:
    """Wishes that came true, as far as their wishers agreed to be told of."""
    return cached(_stories)


def _stories() -> Response:
    found = queries_stories.told(page_number())
    return page("wishes/stories.html", found=found, stories=telling.stories(found.rows))


@bp.get("/wishes/photos/<photo>")
@public_with(photo=queries_stories.photo_by_id)
def photo(photo: WishPhoto) -> ResponseReturnValue:
    """A photo: for the wish's own people and the station, for all once its story is told."""
    if not (queries_stories.is_told(photo) or policy.may_see_photo(current_actor(), photo)):
        abort(404)
    return files.served(photo.file_id, small=request.args.get("size") != "whole")


@bp.post("/wishes/photos/<photo>/removal")
@allowed(policy.may_see_photo, photo=queries_stories.photo_by_id)
def remove_photo(photo: WishPhoto) -> ResponseReturnValue:
    """Delete a photo: whoever is concerned may, at any time."""
    write(actions_stories.remove_photo, photo.id, actor=current_actor(), now=clock.now())
    flash(_("照片删掉了。"), "success")
    return changed(safe_next(request.form.get("next"), url_for("wishes.my_wishes")))

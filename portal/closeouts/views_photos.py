"""Photos of a shift, for who keeps its roster."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.closeouts import actions_photos, policy, queries
from portal.closeouts.blueprint import bp
from portal.closeouts.models import CloseoutPhoto
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed
from portal.records import files

_one = allowed(policy.may_see_photo, photo=queries.photo_by_id)


@bp.get("/desk/closeouts/photos/<photo>")
@_one
def photo(photo: CloseoutPhoto) -> Response:
    """The picture, small unless the whole is asked for."""
    return files.served(photo.file_id, small=request.args.get("size") != "whole")


@bp.post("/desk/closeouts/photos/<photo>/removal")
@_one
def remove_photo(photo: CloseoutPhoto) -> ResponseReturnValue:
    """Delete a photo, at any time: somebody on it may not want it any more."""
    write(actions_photos.remove, photo.id, actor=current_actor(), now=clock.now())
    flash(_("照片删掉了。"), "success")
    return changed(url_for("closeouts.closeout", shift=photo.shift.public_id))

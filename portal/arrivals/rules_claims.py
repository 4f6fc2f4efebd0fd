"""Pure decisions about claims: the printed code of a post, and how a claim moves."""

from __future__ import annotations

import re

from portal.arrivals.models_claims import ClaimState
from portal.core import tokens
from portal.core.ids import ALPHABET, PUBLIC_ID_LENGTH

STEPS: dict[tuple[ClaimState, str], ClaimState] = {
    (ClaimState.WAITING, "confirm"): ClaimState.CONFIRMED,
    (ClaimState.WAITING, "refuse"): ClaimState.REFUSED,
    (ClaimState.WAITING, "lapse"): ClaimState.LAPSED,
}
_MAC_LENGTH = 8
_CODE = re.compile(f"[{ALPHABET}]{{{PUBLIC_ID_LENGTH + _MAC_LENGTH}}}")


def poster_code(post_id: str) -> str:
    """Return what stands in the code of a post's poster, for ever; `post_id` is the public id.

    Its end keeps it from being put together out of the post's address: whoever opens it has seen
    the poster, or a picture of it. So it proves nothing, and never counts without a second word.
    """
    return post_id + tokens.mac_code("post poster", post_id, _MAC_LENGTH)


def read_poster_code(code: str) -> str | None:
    """Return the post's public id, or None when it is no code of ours."""
    typed = code.strip().lower()
    post_id = typed[:PUBLIC_ID_LENGTH]
    is_ours = bool(_CODE.fullmatch(typed)) and tokens.same(typed, poster_code(post_id))
    return post_id if is_ours else None

"""Pure decisions about who came without a sign-up."""

from __future__ import annotations

from portal.arrivals.models_walk_ins import WalkInState

STEPS: dict[tuple[WalkInState, str], WalkInState] = {
    (WalkInState.WAITING, "admit"): WalkInState.ADMITTED,
    (WalkInState.WAITING, "refuse"): WalkInState.REFUSED,
    (WalkInState.WAITING, "lapse"): WalkInState.LAPSED,
}

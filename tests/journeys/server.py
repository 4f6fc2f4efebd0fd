"""The portal as the journeys serve it: with a clock that a test can put forward.

The seconds ahead stand in the file `TEST_CLOCK`; the clock only ever goes forward.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from portal import create_app
from portal.config import Config
from portal.core import clock

_AHEAD = Path(os.environ["TEST_CLOCK"])
_real_now = clock.now


def _now() -> datetime:
    return _real_now() + timedelta(seconds=float(_AHEAD.read_text()))


clock.now = _now
app = create_app(Config.from_env())

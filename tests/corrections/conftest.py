"""A station whose shift is over since yesterday."""

from __future__ import annotations

import pytest

from tests.attendance.conftest import Scene
from tests.corrections.given import NOW


@pytest.fixture(autouse=True)
def _a_day_later(request, time_machine):
    if "own_app" not in request.fixturenames:
        time_machine.move_to(NOW, tick=False)


@pytest.fixture
def scene(make) -> Scene:
    return Scene(make)

"""The clock of these tests: what was done an hour ago was done on the same local day."""

from datetime import time

import pytest

from portal.core import clock


@pytest.fixture(autouse=True)
def _from_noon_on(time_machine):
    time_machine.move_to(clock.at_local(clock.today(), time(12)), tick=True)

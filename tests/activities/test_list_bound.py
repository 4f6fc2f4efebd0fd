"""The list looks only as far back as a shift can last."""

from portal.activities.forms import LONGEST_SHIFT
from portal.activities.queries import BEGAN_LATELY


def test_what_is_on_now_cannot_have_begun_before_the_list_looks():
    assert LONGEST_SHIFT < BEGAN_LATELY

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.org import actions_units as actions
from portal.org import queries_units as queries
from portal.org import rules_units as rules
from portal.org.actions_units import UnitDetails
from portal.org.models_units import UnitKind
from portal.org.queries import civilized_unit_by_id, civilized_units
from portal.org.rules_units import Known, LineState
from portal.pairing import actions as pairing

KNOWN = Known(
    {"学校": UnitKind.SCHOOL, "school": UnitKind.SCHOOL},
    {"和平社区": 7, "东湾街道": 3},
    frozenset({"已有的学校"}),
)


def act(action, *given):
    return write(action, *given, actor=SYSTEM, now=clock.now())


def details(name="新河区图书馆", **kwargs):
    return UnitDetails(name, kwargs.pop("kind", UnitKind.INSTITUTION), **kwargs)


# --- reading a list ----------------------------------------------------------------------------------


def test_a_list_is_read_line_by_line():
    text = (
        "名称,类别,社区,地址,电话\n\n城东小学，学校，和平社区，和平路 2 号，0755-1\n"
        "没说类别的单位\n已有的学校,学校\n城东小学,学校\n,学校\n城西小学,幼儿园,火星社区\n"
    )
    lines = rules.read_list(text, KNOWN)
    assert [(line.name, line.state) for line in lines] == [
        ("城东小学", LineState.NEW),
        ("没说类别的单位", LineState.NEW),
        ("已有的学校", LineState.KNOWN),
        ("城东小学", LineState.KNOWN),
        ("", LineState.FAULTY),
        ("城西小学", LineState.FAULTY),
    ]
    first = lines[0]
    assert (first.number, first.kind, first.station_id) == (3, UnitKind.SCHOOL, 7)
    assert (first.address, first.phone) == ("和平路 2 号", "0755-1")
    assert lines[1].kind == UnitKind.INSTITUTION
    assert len(lines[5].faults) == 2


def test_what_spreadsheets_copy_is_divided_by_tabs_and_may_hold_commas():
    (line,) = rules.read_list("城东小学\tschool\t东湾街道\t和平路 2 号，北门", KNOWN)
    assert (line.station_id, line.address) == (3, "和平路 2 号，北门")


@pytest.mark.parametrize("text", ["", "\n \n,,,", "名称,类别"])
def test_a_list_of_nothing(text):
    assert rules.read_list(text, KNOWN) == []


@pytest.mark.parametrize(
    "cells", ["长" * 81, f"城东小学,,,{'长' * 121}", f"城东小学,,,,{'1' * 31}"]
)
def test_what_is_too_long_is_said(cells):
    (line,) = rules.read_list(cells, KNOWN)
    assert line.state == LineState.FAULTY


def test_who_has_a_part_of_the_tree_names_a_place():
    nowhere, known = rules.read_list("城东小学\n已有的学校", KNOWN)
    assert rules.must_have_place(nowhere).state == LineState.FAULTY
    assert rules.must_have_place(known).state == LineState.KNOWN


# --- verbs -----------------------------------------------------------------------------------------


def test_a_name_is_given_once(make):
    row = act(actions.create_unit, details())
    other = act(actions.create_unit, details("别的单位"))
    with pytest.raises(Invalid, match="name"):
        act(actions.create_unit, details())
    with pytest.raises(Invalid, match="name"):
        act(actions.change_unit, other.id, details())
    assert act(actions.change_unit, row.id, details(address="和平路")).address == "和平路"


def test_whoever_read_something_else_is_refused(make):
    row = act(actions.create_unit, details())
    seen = queries.as_seen(row)
    act(actions.change_unit, row.id, details(phone="0755-1", seen=seen))
    with pytest.raises(Refused, match="changed_since"):
        act(actions.change_unit, row.id, details(phone="0755-2", seen=seen))
    assert row.phone == "0755-1"


def test_a_closed_unit_is_left_out_and_can_come_back(make):
    row = act(actions.create_unit, details())
    for _twice in range(2):
        act(actions.close_unit, row.id)
    assert civilized_units() == []
    assert civilized_unit_by_id(row.public_id) is None
    for _twice in range(2):
        act(actions.reopen_unit, row.id)
    assert civilized_units() == [row]


def test_a_paired_unit_is_not_closed(make):
    row = act(actions.create_unit, details())
    pair = act(pairing.pair, row.id, make.station().id)
    with pytest.raises(Refused, match="still_paired"):
        act(actions.close_unit, row.id)
    act(pairing.end, pair.id, "到期")
    assert act(actions.close_unit, row.id).closed_at


def test_a_list_is_taken_in_once_and_a_faulty_one_never(make):
    station = make.station("和平社区实践站")
    known = queries.known([station.id])
    lines = rules.read_list("城东小学,学校,和平社区\n城西小学,学校", known)
    assert act(actions.import_units, lines) == 2
    assert act(actions.import_units, lines) == 0
    east = next(row for row in civilized_units() if row.name == "城东小学")
    assert (east.kind, east.station_id) == ("school", station.id)
    faulty = rules.read_list("城南小学,幼儿园", known)
    with pytest.raises(Refused, match="faulty_list"):
        act(actions.import_units, faulty)

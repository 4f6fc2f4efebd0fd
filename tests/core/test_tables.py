"""Pages of twenty, and files that no spreadsheet runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.tables import LAST_PAGE, Page, csv_bytes, page_number, safe_cell

PAYLOADS = [
    "=1+1",
    "=cmd|'/c calc'!A0",
    '=HYPERLINK("http://x")',
    "+1",
    "-1+cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\0=1",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_formula_becomes_text(payload):
    assert safe_cell(payload) == "'" + payload


@pytest.mark.parametrize("value", ["张三", "", "a=1", " 1", "2026-05-01", 17, 0, 3.5])
def test_the_rest_stays(value):
    assert safe_cell(value) == str(value)
    assert safe_cell(None) == ""


@given(
    rows=st.lists(
        st.lists(st.text(st.characters(codec="utf-8"), max_size=30), min_size=2, max_size=2)
    )
)
def test_no_cell_of_a_file_begins_a_formula(rows):
    text = csv_bytes(["姓名", "说明"], rows).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found[0] == ["姓名", "说明"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in found for cell in row)


def test_a_file_is_for_spreadsheets():
    data = csv_bytes(["姓名"], [['张"三,\n']])
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith('"张""三,\n"\r\n'.encode())


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("1", 1), ("2", 2), ("0", 1), ("-1", 1), ("", 1), ("x", 1), ("1.5", 1), ("٣", 3),
        ("999999999999", LAST_PAGE), ("9" * 6000, LAST_PAGE), ("0" * 6000, 1), ("1e3", 1),
    ],
)  # fmt: skip
def test_which_page_is_asked(app, asked, number):
    with app.test_request_context("/activities", query_string={"page": asked}):
        assert page_number() == number


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (20, 1), (21, 2), (400, 20)])
def test_how_many_pages(total, pages):
    assert Page([], 1, total).pages == pages


def test_the_pages_beside_keep_the_filter(app):
    with app.test_request_context("/activities?q=清洁&page=2"):
        app.preprocess_request()
        page = Page([], 2, 60)
        assert page.prev_url == "/activities?q=%E6%B8%85%E6%B4%81&page=1"
        assert page.next_url == "/activities?q=%E6%B8%85%E6%B4%81&page=3"
        assert Page([], 3, 60).next_url is None
        assert Page([], 1, 60).prev_url is None

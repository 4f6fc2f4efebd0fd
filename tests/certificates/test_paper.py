"""The paper as others read it: its text by poppler, its code by zbar."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.certificates import paper, printing
from portal.certificates.rules import Standing
from portal.certificates.sheet import Sheet, Ways, code_of
from portal.hours.models import Source
from tests.certificates.given import issued, served
from tests.house.reading import files, shown, tree_of

WAYS = Ways("https://example.org/certificates/abcdefgh23", "https://example.org/c", "abcdefgh")

needs_readers = pytest.mark.skipif(
    not all(map(shutil.which, ("pdftotext", "pdftoppm", "zbarimg"))),
    reason="poppler-utils and zbar-tools are not here, so nothing can read the paper",
)


def sheet(rows: int) -> Sheet:
    row = ("2026-03-05 09:00-10:30", "楼道清洁 <一> & 二", "和平社区站", "补录", "1 小时 30 分钟")
    facts = [("姓名", "龑䶮𬭎"), ("计时规则", "按分钟记录")]
    return Sheet("440320260000001", "兹证明", facts, [row] * rows, "示范区", "2026年4月1日")


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def read(file: Path) -> str:
    """Return the text of the pages without the breaks that a cell's width makes."""
    return re.sub(r"\s", "", run("pdftotext", str(file), "-"))


@needs_readers
def test_text_copies_out_on_every_page(tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(paper.pdf(sheet(90), WAYS))
    pages = run("pdftotext", "-layout", str(file), "-").split("\f")[:-1]
    assert "龑䶮𬭎" in pages[0]
    assert "方框" not in pages[0]
    assert len(pages) > 2
    for at, page in enumerate(pages, start=1):
        assert f"第 {at} 页，共 {len(pages)} 页" in page
    assert all(word in page for page in pages[1:] for word in paper.HEAD)
    assert sum(page.count("2026-03-05") for page in pages) == 90


@needs_readers
def test_what_is_issued_is_what_is_read(make, tmp_path: Path) -> None:
    """Every fact and item of the record, rare characters too, and the code leads to the check."""
    station = make.station("和平社区实践站")
    person = make.volunteer(station, name="龑䶮𠮷")
    served(person, station, shift=make.shift(station), days_ago=2)
    served(person, station, days_ago=3, source=Source.MAKE_UP)
    row = issued(person, station)
    answer = printing.file_of(row, Standing.VALID)
    assert answer.headers["Cache-Control"] == "no-store"
    file = tmp_path / "paper.pdf"
    file.write_bytes(answer.data)
    text = read(file)
    printed = printing.sheets.sheet_of(row)
    words = [printed.sentence, printed.issuer, printed.issued_on, row.entry_digest]
    words += [word for fact in printed.facts for word in fact]
    words += [line for item in printed.items for cell in item for line in cell.split("\n")]
    for word in words:
        assert re.sub(r"\s", "", word) in text, word
    assert "字库里没有的字印成了方框，请手写补上：𠮷" in text
    run("pdftoppm", "-r", "110", "-png", "-f", "1", "-l", "1", str(file), str(tmp_path / "page"))
    (picture,) = tmp_path.glob("page*.png")
    address = run("zbarimg", "--quiet", "--raw", str(picture)).strip()
    assert address == f"http://localhost/certificates/{code_of(row)}"


def test_the_same_facts_give_the_same_bytes() -> None:
    assert paper.pdf(sheet(3), WAYS) == paper.pdf(sheet(3), WAYS)


def test_no_process_holds_the_font_before_it_prints() -> None:
    """The library and the font take some 80 MB: only functions import what loads them."""
    heavy = {"reportlab", "portal.certificates.paper", "portal.certificates.fonts"}
    wrong = [
        f"{shown(file)}: {name}"
        for file in files()
        if file.stem not in {"paper", "fonts"} and re.search("reportlab|certif", file.read_text())
        for node in tree_of(file).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _imported(node)
        if name in heavy or name.startswith("reportlab.")
    ]
    assert wrong == []


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    names = {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {str(node.module), *(f"{node.module}.{name}" for name in names)}
    return names

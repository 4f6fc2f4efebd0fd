"""The paper as others read it: its text by poppler, its code by zbar."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from portal.certificates.paper import HEAD, Sheet, pdf

ADDRESS = "https://example.org/certificates/abcdefghijkmnpqrstuvwxyz23"

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("pdftotext", "pdftoppm", "zbarimg"))),
    reason="poppler-utils and zbar-tools are not here, so nothing can read the paper",
)


def sheet(rows: int) -> Sheet:
    row = ("2026-03-05", "楼道清洁 <一> & 二", "和平社区站", "补录", "1.5 小时")
    facts = [("姓名", "龑䶮𬭎"), ("计时规则", "按分钟记录")]
    return Sheet("LH-2026-000001", "兹证明", facts, [row] * rows, "示范区", "2026-04-01", ADDRESS)


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_text_copies_out_on_every_page_and_the_code_leads_to_the_check(tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf(sheet(90)))
    pages = run("pdftotext", "-layout", str(file), "-").split("\f")[:-1]
    assert "龑䶮𬭎" in pages[0]
    assert len(pages) > 2
    for at, page in enumerate(pages, start=1):
        assert f"第 {at} 页，共 {len(pages)} 页" in page
    assert all(word in page for page in pages[1:] for word in HEAD)
    assert sum(page.count("2026-03-05") for page in pages) == 90
    run("pdftoppm", "-r", "150", "-png", "-f", "1", "-l", "1", str(file), str(tmp_path / "page"))
    (picture,) = tmp_path.glob("page*.png")
    assert run("zbarimg", "--quiet", "--raw", str(picture)).strip() == ADDRESS


def test_the_same_facts_give_the_same_bytes() -> None:
    assert pdf(sheet(3)) == pdf(sheet(3))

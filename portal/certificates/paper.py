"""A certificate on paper: one page, then the list of its items. The same facts give the same bytes."""

from __future__ import annotations

from io import BytesIO
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import black
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from portal.certificates import fonts
from portal.certificates.rules import in_fours
from portal.certificates.sheet import Sheet, Ways
from portal.core import qr

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
MARGIN = 20 * MM
TITLE = "志愿服务记录证明"
TITLE_EN = "Certificate of Volunteer Service"
HEAD = ("日期和时间", "服务内容", "记录单位", "来源", "时长")
SHARES = (0.16, 0.34, 0.24, 0.11, 0.15)
# reportlab keeps its place in a font's subset with the font: two papers at once would mix it up.
_one_at_a_time = Lock()


def pdf(sheet: Sheet, ways: Ways) -> bytes:
    """Return the certificate as a PDF of A4 pages."""
    with _one_at_a_time:
        fonts.load()
        return _pdf(sheet, ways)


def _pdf(sheet: Sheet, ways: Ways) -> bytes:
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=(WIDTH, HEIGHT),
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{TITLE} {sheet.number}",
        author=sheet.issuer,
        lang="zh-CN",
        invariant=1,
    )
    front = _front(sheet, ways, document.width)
    story = [*front, PageBreak(), *_list(sheet, document.width)]
    document.build(story, canvasmaker=_numbered(sheet.number))
    return out.getvalue()


def _text(text: str, size: float = 10.5, *, bold: bool = False, center: bool = False) -> Any:
    style = ParagraphStyle(
        "text",
        fontName=fonts.BOLD if bold else fonts.REGULAR,
        fontSize=size,
        leading=size * 1.6,
        alignment=1 if center else 0,
        wordWrap="CJK",
    )
    return Paragraph(escape(fonts.printable(text)).replace("\n", "<br/>"), style)


def _front(sheet: Sheet, ways: Ways, width: float) -> list[Any]:
    facts = Table(
        [[_text(name, bold=True), _text(value)] for name, value in sheet.facts],
        colWidths=[width * 0.25, width * 0.75],
        style=[
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, "#999999"),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ],
    )
    seal = [_text(sheet.issuer, center=True), _text(sheet.issued_on, center=True)]
    seal += [Spacer(1, 20 * MM), _text("（盖章处）Seal", 9, center=True)]
    check = [_code(ways.check_address, 34 * MM), _text("扫码查验 Scan to verify", 9)]
    foot = Table(
        [[check, seal]],
        colWidths=[width * 0.5, width * 0.5],
        style=[("BOX", (1, 0), (1, 0), 0.4, "#999999"), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    lacking = fonts.lacking_letters(" ".join(_all_words(sheet)))
    return [
        _text(TITLE, 24, bold=True, center=True),
        _text(TITLE_EN, 11, center=True),
        _text(f"编号 No. {in_fours(sheet.number)}", 10.5, center=True),
        Spacer(1, 5 * MM),
        _text(sheet.sentence, 13),
        Spacer(1, 5 * MM),
        facts,
        Spacer(1, 6 * MM),
        foot,
        Spacer(1, 3 * MM),
        _text(f"也可以打开 {ways.form_address}，填编号和查验码：{in_fours(ways.typed)}", 9),
        _text(ways.check_address, 7.5),
        *([_text(f"字库里没有的字印成了方框，请手写补上：{lacking}", 9)] if lacking else []),
    ]


def _all_words(sheet: Sheet) -> list[str]:
    cells = [cell for row in (*sheet.facts, *sheet.items) for cell in row]
    return [sheet.sentence, sheet.issuer, *cells]


def _list(sheet: Sheet, width: float) -> list[Any]:
    head = [_text(word, 9, bold=True) for word in HEAD]
    rows = [[_text(cell, 9) for cell in item] for item in sheet.items]
    table = Table(
        [head, *rows],
        colWidths=[width * share for share in SHARES],
        repeatRows=1,
        style=[("GRID", (0, 0), (-1, -1), 0.4, "#999999"), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    return [_text("服务明细 Items", 14, bold=True), table]


def _code(text: str, size: float) -> Any:
    rows = qr.matrix(text)
    cell = size / len(rows)
    drawing = Drawing(size, size)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                drawing.add(
                    Rect(
                        x * cell, size - (y + 1) * cell, cell, cell, fillColor=black, strokeWidth=0
                    )
                )
    return drawing


def _numbered(number: str) -> Any:
    """Return a canvas that knows how many pages there are before it writes the first."""

    class Numbered(Canvas):  # type: ignore[misc,unused-ignore]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the library's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for at, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self.setFont(fonts.REGULAR, 8)
                place = f"{number}　第 {at} 页，共 {len(self._pages)} 页"
                self.drawCentredString(WIDTH / 2, 10 * MM, place)
                super().showPage()
            super().save()

    return Numbered

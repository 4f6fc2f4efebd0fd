"""A hall full of people at a shift that is on now, with the codes on their cards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import qrcode
from flask import Flask
from playwright.sync_api import Page, Request, expect

from portal.attendance import codes
from tests.conftest import SECRET
from tests.journeys import steps
from tests.journeys.conftest import Screen
from tests.journeys.district import District

SIDE = 480


class Card(NamedTuple):
    """What somebody shows to a camera, and what they say."""

    scanned: str
    spoken: str


@dataclass(slots=True)
class Hall:
    """The shift, and a card for each of its people."""

    district: District
    shift: str
    cards: list[Card]

    @property
    def path(self) -> str:
        """The address of the scan page."""
        return f"/desk/shifts/{self.shift}/scan"

    def rows(self, scan_ids: list[str]) -> int:
        """Count the scans stored under these ids."""
        marks = ",".join("?" * len(scan_ids))
        return self.district.one(
            f"SELECT count(*) FROM scan WHERE verdict = 'stored' AND scan_id IN ({marks})",
            *scan_ids,
        )


def filled(district: District, many: int) -> Hall:
    """Put people on the shift that is on now, straight into the database."""
    shift, _activity = steps.shift_on_now(district)
    digits = "23456789"
    ids = [f"scanned{digits[n // 64]}{digits[n // 8 % 8]}{digits[n % 8]}" for n in range(many)]
    of_shift = "SELECT id FROM shift WHERE public_id = ?"
    district.change(
        f"UPDATE place SET capacity = 200, taken = taken + ? WHERE role = 'attendee'"
        f" AND shift_id = ({of_shift})",
        many,
        shift,
    )
    for n, public_id in enumerate(ids):
        district.change(
            "INSERT INTO person (name, created_at, public_id) VALUES (?, datetime('now'), ?)",
            f"来{n}",
            public_id,
        )
        district.change(
            "INSERT INTO signup (shift_id, place_id, person_id, role, participant, state,"
            " created_at, updated_at, public_id)"
            " SELECT p.shift_id, p.id, o.id, 'attendee', 'guest', 'confirmed', datetime('now'),"
            f" datetime('now'), ? FROM place p, person o WHERE p.shift_id = ({of_shift})"
            " AND p.role = 'attendee' AND o.public_id = ? LIMIT 1",
            public_id,
            shift,
            public_id,
        )
    app = Flask("codes")
    app.config["SECRET_KEY"] = SECRET
    with app.app_context():
        cards = [Card(codes.personal_code(one, 1), codes.spoken_code(one, 1)) for one in ids]
    return Hall(district, shift, cards)


def ready(screen: Screen, hall: Hall) -> Page:
    """Open the scan page, and wait until it would also come without network."""
    page = screen.open(hall.path)
    expect(page.locator("#scan[data-ready]")).to_be_attached()
    return page


def typed(page: Page, code: str) -> None:
    """Type a code as a hand scanner does: into the field that has the focus, Enter at the end."""
    field = page.locator("#scan-code")
    field.fill(code)
    field.press("Enter")


def ids_in(request: Request) -> list[str]:
    """Return the ids of the scans in a batch."""
    return [one["scan_id"] for one in json.loads(request.post_data or "")["scans"]]


def modules(text: str) -> list[list[bool]]:
    """Return a QR code as rows of dark or not, with its quiet zone."""
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    code.make(fit=True)
    return code.get_matrix()


def grey(text: str) -> list[bytes]:
    """Return a picture of a QR code, one byte a pixel."""
    matrix = modules(text)
    size = SIDE // len(matrix)
    edge = (SIDE - size * len(matrix)) // 2
    blank = b"\xeb" * SIDE
    lines = [blank] * edge
    for row in matrix:
        inner = b"".join((b"\x10" if dark else b"\xeb") * size for dark in row)
        lines += [(b"\xeb" * edge + inner).ljust(SIDE, b"\xeb")] * size
    return (lines + [blank] * SIDE)[:SIDE]


def film(text: str, file: Path) -> Path:
    """Write what a camera sees that looks at a QR code, for Chromium's fake one (YUV4MPEG2)."""
    colour = b"\x80" * (SIDE // 2 * SIDE // 2 * 2)
    frame = b"FRAME\n" + b"".join(grey(text)) + colour
    file.write_bytes(f"YUV4MPEG2 W{SIDE} H{SIDE} F10:1 Ip A1:1 C420\n".encode() + frame * 2)
    return file


def photo(text: str, file: Path) -> Path:
    """Write a photo of a QR code (PNG)."""
    qrcode.make(text, box_size=8).save(file)
    return file

"""Byte rules of iCalendar that no reader minds but some client trips over."""

from __future__ import annotations

import re

REQUIRED = {
    "VCALENDAR": ("VERSION", "PRODID"),
    "VEVENT": ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS"),
}


def lint(body: bytes) -> list[str]:
    """Return the faults of a file, each as a short text; none is what we want."""
    faults = [*_physical(body)]
    if faults:
        return faults
    lines = body.decode().replace("\r\n ", "").split("\r\n")[:-1]
    faults += _required(lines)
    uids = [line for line in lines if line.startswith("UID:")]
    if len(uids) != len(set(uids)):
        faults.append("UID used twice")
    zones = re.findall(r";TZID=([^:;]+)", "\n".join(lines))
    blocks = [line.removeprefix("TZID:") for line in lines if line.startswith("TZID:")]
    if set(zones) - set(blocks):
        faults.append("TZID without VTIMEZONE")
    if len(blocks) != len(set(blocks)):
        faults.append("two VTIMEZONE for one TZID")
    faults += [
        f"bare control character: {line!r}"
        for line in lines
        if re.search(r"[\x00-\x08\x0a-\x1f]", line)
    ]
    return faults


def _physical(body: bytes) -> list[str]:
    faults = []
    if not body.endswith(b"\r\n"):
        faults.append("does not end in CRLF")
    for number, line in enumerate(body.split(b"\r\n"), 1):
        if b"\n" in line or b"\r" in line:
            faults.append(f"line {number}: bare line break")
        if len(line) > 75:
            faults.append(f"line {number}: {len(line)} octets")
        try:
            line.decode()
        except UnicodeDecodeError:
            faults.append(f"line {number}: a character is split")
        if re.search(rb"(?<!\\)(?:\\\\)*\\$", line):
            faults.append(f"line {number}: an escape is split")
        if number < body.count(b"\r\n") + 1 and not line:
            faults.append(f"line {number}: empty")
    return faults


def _required(lines: list[str]) -> list[str]:
    faults, stack = [], []
    for line in lines:
        name = re.split("[:;]", line, maxsplit=1)[0]
        if name == "BEGIN":
            stack.append((line[6:], set()))
        elif name == "END":
            component, seen = stack.pop()
            if component != line[4:]:
                faults.append(f"END:{line[4:]} closes {component}")
            missing = set(REQUIRED.get(component, ())) - seen
            faults += [f"{component} without {one}" for one in sorted(missing)]
        elif stack:
            stack[-1][1].add(name)
    return faults

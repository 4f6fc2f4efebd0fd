"""What others call by name: the check of the stored bytes."""

from __future__ import annotations

from portal.records import files


def check() -> list[str]:
    """Return one line for each stored file whose bytes are not what was kept."""
    return [
        f"stored file {file_id}: its bytes do not agree with its digest"
        for file_id in files.damaged()
    ]

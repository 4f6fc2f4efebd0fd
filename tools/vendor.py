"""Fetch the front-end files that live in the repository, and write their manifests.

Needs npm, and is run by hand when a version changes or an icon is added:

    python3 tools/vendor.py

Everything it writes is committed, so neither running nor testing the portal needs npm.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "portal/static/vendor"
TESTS = ROOT / "tests/vendor"
SPRITE = ROOT / "portal/static/core/icons.svg"

# The name in the sprite, and the name Lucide gives the drawing where it differs.
ICONS = {
    "arrow-left": "",
    "bell": "",
    "building-2": "",
    "calendar": "calendar-days",
    "chart-column": "",
    "check": "",
    "chevron-right": "",
    "circle-alert": "",
    "circle-check": "",
    "clipboard-list": "",
    "clock": "",
    "copy": "",
    "download": "",
    "eye": "",
    "file-text": "",
    "filter": "funnel",
    "hand-heart": "",
    "heart-handshake": "",
    "home": "house",
    "info": "",
    "key-round": "",
    "languages": "",
    "log-in": "",
    "log-out": "",
    "map-pin": "",
    "message-square": "",
    "pencil": "",
    "phone": "",
    "plus": "",
    "printer": "",
    "qr-code": "",
    "refresh-cw": "",
    "search": "",
    "settings": "",
    "shield": "",
    "triangle-alert": "",
    "type": "",
    "user": "",
    "users": "",
    "x": "",
}
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
)


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str


HTMX = Package("htmx.org", "2.0.11", "0BSD")
LUCIDE = Package("lucide-static", "1.62.0", "ISC, some drawings MIT")
AXE = Package("axe-core", "4.14.1", "MPL-2.0")


def main() -> None:
    for folder in (SITE, TESTS):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
    with tempfile.TemporaryDirectory() as scratch:
        htmx = copy(
            unpacked(HTMX, Path(scratch)), "dist/htmx.min.js", SITE / f"htmx-{HTMX.version}.min.js"
        )
        lucide = draw_sprite(unpacked(LUCIDE, Path(scratch)))
        axe = copy(
            unpacked(AXE, Path(scratch)), "axe.min.js", TESTS / f"axe-core-{AXE.version}.min.js"
        )
    write_manifest(SITE, {HTMX: htmx, LUCIDE: lucide})
    write_manifest(TESTS, {AXE: axe})


def unpacked(package: Package, scratch: Path) -> Path:
    spec = f"{package.name}@{package.version}"
    subprocess.run(
        ["npm", "pack", "--silent", spec], cwd=scratch, check=True, stdout=subprocess.PIPE
    )
    target = scratch / package.name
    with tarfile.open(scratch / f"{package.name}-{package.version}.tgz") as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def copy(source: Path, inside: str, target: Path) -> Path:
    target.write_bytes((source / inside).read_bytes())
    copy_licences(source, target.name.removesuffix(".min.js"))
    return target


def copy_licences(source: Path, stem: str) -> None:
    folder = TESTS if stem.startswith(AXE.name) else SITE
    for licence in sorted(source.glob("LICENSE*")):
        folder.joinpath(f"{stem}.{licence.stem}.txt").write_bytes(licence.read_bytes())


def draw_sprite(source: Path) -> Path:
    symbols = []
    for name, drawing in ICONS.items():
        svg = (source / f"icons/{drawing or name}.svg").read_text(encoding="utf-8")
        shapes = re.findall(r"<(?!svg|!--|/)[^>]*>", svg)
        symbols.append(SYMBOL.format(name=name, shapes="".join(shapes).replace(" />", "/>")))
    head = f"<!-- {LUCIDE.name} {LUCIDE.version}, {LUCIDE.licence}; text in vendor/ -->"
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">', head, *symbols, "</svg>", ""]
    SPRITE.parent.mkdir(parents=True, exist_ok=True)
    SPRITE.write_text("\n".join(lines), encoding="utf-8")
    copy_licences(source, f"{LUCIDE.name}-{LUCIDE.version}")
    return SPRITE


def write_manifest(folder: Path, files: dict[Package, Path]) -> None:
    """One entry a file; its path is relative to the manifest, its digest is the SRI form."""
    entries = []
    for package, file in files.items():
        digest = base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()
        entries.append(
            {
                "name": package.name,
                "version": package.version,
                "file": Path(os.path.relpath(file, folder)).as_posix(),
                "licence": package.licence,
                "sha384": digest,
                "source": f"npm package {package.name}",
            }
        )
    text = json.dumps(entries, indent=2) + "\n"
    folder.joinpath("MANIFEST.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

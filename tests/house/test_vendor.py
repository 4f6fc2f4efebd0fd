"""Files of others are in the repository byte for byte as their manifest says, licence beside them."""

import base64
import hashlib
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "portal/static"
FOLDERS = (STATIC / "vendor", ROOT / "tests/vendor")
ENTRIES = [
    pytest.param(folder, entry, id=entry["name"])
    for folder in FOLDERS
    for entry in json.loads(folder.joinpath("MANIFEST.json").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("folder", "entry"), ENTRIES)
def test_file_is_the_one_of_the_manifest(folder, entry):
    digest = hashlib.sha384(folder.joinpath(entry["file"]).read_bytes()).digest()
    assert base64.b64encode(digest).decode() == entry["sha384"]


@pytest.mark.parametrize(("folder", "entry"), ENTRIES)
def test_licence_lies_beside_the_file(folder, entry):
    assert entry["licence"]
    assert entry["version"]
    stem = entry["name"].removesuffix(".org")
    assert folder.joinpath(f"{stem}-{entry['version']}.LICENSE.txt").stat().st_size > 0


@pytest.mark.parametrize("folder", FOLDERS, ids=["site", "tests"])
def test_no_script_is_left_out_of_the_manifest(folder):
    named = {entry.values[1]["file"] for entry in ENTRIES if entry.values[0] == folder}
    assert {file.name for file in folder.glob("*.js")} <= named


def test_every_icon_is_a_symbol_with_a_shape():
    svg = "{http://www.w3.org/2000/svg}"
    symbols = ET.parse(STATIC / "core/icons.svg").getroot().findall(f"{svg}symbol")
    names = [symbol.get("id") for symbol in symbols]
    assert len(names) == len(set(names)) >= 40
    for symbol in symbols:
        assert symbol.get("viewBox") == "0 0 24 24"
        assert len(symbol) > 0

"""What the portal is built from is pinned, hashed, under licences that are taken, and told in a page (sec-A50)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import licences
from scripts.licences import Locked

RECORD = {
    "id": "OSV-1",
    "summary": "reads too much",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Pillow"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "9.0"}, {"fixed": "10.1"}, {"introduced": "12"}]}
            ],
            "versions": ["8.4"],
        }
    ],
}


def test_everything_locked_is_pinned_hashed_installed_and_free_to_use() -> None:
    assert licences.faults() == []


def test_the_page_is_that_of_the_lock_files() -> None:
    assert licences.PAGE.read_text("utf-8") == licences.page(), "make audit writes it anew"


def test_the_bill_names_every_part_that_runs_with_its_hashes() -> None:
    bill = licences.bill()
    assert bill == licences.bill()
    named = {part["name"] for part in bill["components"]}
    assert {"flask", "pillow", "htmx"} <= named
    assert "pytest" not in named
    assert all(part["hashes"] for part in bill["components"] if "purl" in part)
    assert all(part["licenses"] for part in bill["components"])


def test_what_is_not_pinned_or_hashed_is_told() -> None:
    lock = licences.locked("# first\nflask>=3\nPy.Otp==2.* \\\n    --hash=sha256:" + "0" * 64 + "\nbabel[x]==2.1\n")
    assert [one.key for one in lock] == ["flask", "py-otp", "babel"]
    assert list(licences.pins(lock)) == [
        "flask has no exact version",
        "flask has no hash",
        "Py.Otp has no exact version",
        "babel has no hash",
    ]


def test_what_is_installed_otherwise_is_told() -> None:
    lock = [one for one in licences.locked(licences._text("requirements-dev.txt")) if one.key != "flask"]
    assert len(list(licences.installed(lock))) == 1


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("(GPL-3.0-only OR MIT) AND MPL-2.0", True),
        ("GPL-3.0-only", False),
        ("MIT AND AGPL-3.0-only", False),
        ("unknown", False),
    ],
)
def test_licences_are_on_the_list_or_not(licence: str, allowed: bool) -> None:
    assert licences.is_allowed(licence) is allowed


@pytest.mark.parametrize(
    ("version", "found"), [("8.4", 1), ("8.9", 0), ("9.0", 1), ("10.0.9", 1), ("10.1", 0), ("11.3", 0), ("13.0.0", 1)]
)
def test_known_holes_are_found_by_version(tmp_path: Path, version: str, found: int) -> None:
    (tmp_path / "one.json").write_text(json.dumps(RECORD))
    (tmp_path / "other.json").write_text(json.dumps(RECORD | {"withdrawn": "2026-01-01T00:00:00Z"}))
    assert len(list(licences.holes([Locked("pillow", version, ())], tmp_path))) == found
    assert list(licences.holes([Locked("flask", version, ())], tmp_path)) == []

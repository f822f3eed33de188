"""The README's map of rooms is the tree, both ways; what it links to is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def rooms() -> set[str]:
    """Folders of the first level, and of `portal/`, that git knows."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    top = {f"{name.split('/')[0]}/" for name in listed if "/" in name}
    inside = {
        "/".join(name.split("/")[:2]) + "/" for name in listed if name.startswith("portal/") and name.count("/") > 1
    }
    return {folder for folder in top | inside if not folder.startswith(".") and folder != "portal/"}


def test_every_room_is_on_the_map_and_nothing_else() -> None:
    mapped = set(re.findall(r"^\| `([\w/]+/)`", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert mapped == rooms()


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "docs/operating.md"])
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{name}: {target}"

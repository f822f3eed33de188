"""Pillow's own broken pictures through our door and our reading process: each ends, nobody dies (sec-U29, sec-R24).

They are not part of this project: `make corpus` fetches them; without them these tests say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.jobs.children import Children
from portal.paper.bounds import inspect, is_scans
from portal.paper.containers import PhotoRefused
from portal.paper.reasons import WORDS
from scripts import pillow_corpus

PICTURES = pillow_corpus.pictures()
HOSTILE = ("crash-", "timeout-", "oom-", "bomb", "broken", "invalid", "bad_", "corrupt", "overflow", "leak")
pytestmark = pytest.mark.skipif(not PICTURES, reason="Pillow's pictures are not there: make corpus fetches them")


@pytest.fixture(scope="module")
def readers() -> Iterator[Children]:
    """As the server has them: whoever takes longer than 10 s of processor time or 15 s ends with an error."""
    children = Children("portal.paper.reading:entry", 1, memory_mb=900, seconds=10)
    children.warm()
    yield children
    children.close()


def taken(path: Path) -> bool:
    """Is the picture taken at the door? Whatever it is, the answer is a reason that has words."""
    try:
        inspect(path.read_bytes())
    except PhotoRefused as refused:
        if refused.reason not in WORDS:
            raise
        return False
    return True


def test_at_the_door_each_is_taken_or_refused_with_a_reason() -> None:
    found = Counter(taken(path) for path in PICTURES)
    assert found[True] > 100
    assert found[False] > 400


@pytest.mark.parametrize("what", ["photo", "document"])
def test_what_is_taken_is_read_or_refused_and_the_reader_lives(readers: Children, what: str) -> None:
    args = {"key": "00" * 16} if what == "photo" else {"document": True}
    for path in _asked(what):
        answer, _ = readers.call(path.read_bytes(), args)
        assert answer, path.name


def _asked(what: str) -> list[Path]:
    """The hostile ones as photos, every tenth of the others; as documents every fifth of all."""
    inside = [path for path in PICTURES if taken(path)]
    if what == "document":
        return inside[::5]
    hostile = [path for path in inside if any(word in path.name for word in HOSTILE)]
    return hostile + [path for path in inside if path not in hostile][::10]


def test_files_of_scans_become_pages_or_are_refused(readers: Children) -> None:
    for path in PICTURES:
        data = path.read_bytes()
        if is_scans(data) and any(word in path.name for word in HOSTILE):
            answer, pages = readers.call(data, {"pages": [0, 5]})
            assert answer["pages"] >= 0, path.name
            assert len(pages) <= 5, path.name

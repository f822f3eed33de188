"""R81-R84: which files are taken as evidence, by the registry's own rule and by the wider one (K17)."""

from __future__ import annotations

import pytest

from portal.rules.evidence_formats import (
    MAX_BYTES,
    REGISTRY,
    WIDE,
    check_content,
    check_count,
    check_file,
    check_file_name,
    check_size,
    content_of,
)
from tests.rules.examples import Example, bad, good

JPG, RAR, DOC = b"\xff\xd8\xff\xe0", b"Rar!\x1a\x07\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP, PROGRAM = b"PK\x03\x04\x14\x00", b"MZ\x90\x00"


def each(*sizes: int):
    """Several files, each checked on its own."""
    return lambda: check_count(len(sizes)) + [one for size in sizes for one in check_size(size)]


EXAMPLES = [
    good("R81", "cert.jpg", lambda: check_file_name("cert.jpg")),
    good("R81", "hukou.RAR", lambda: check_file_name("hukou.RAR")),
    bad("R81", "cert.pdf", lambda: check_file_name("cert.pdf")),
    bad("R81", "cert.docx", lambda: check_file_name("cert.docx")),
    bad("R81", "no ending", lambda: check_file_name("cert"), "R81.none"),
    bad("R81", "a program, where more is taken", lambda: check_file_name("cert.exe", WIDE), "R81.wide"),
    bad("R81", "no ending, where more is taken", lambda: check_file_name("cert", WIDE), "R81.none.wide"),
    good("R82", "2 097 152 bytes", lambda: check_size(2_097_152)),
    good("R82", "1 byte", lambda: check_size(1)),
    bad("R82", "2 097 153 bytes", lambda: check_size(2_097_153)),
    bad("R82", "0 bytes", lambda: check_size(0), "R82.empty"),
    bad("R82", "a photo of 21 MB that would be shrunk", lambda: check_size(21 * 2**20, "JPG", WIDE), "R82.photo"),
    good("R83", "1 file", each(1000)),
    good("R83", "4 files of 1.9 MB", each(*[1_992_294] * 4)),
    bad("R83", "attest with 0 files", each()),
    bad("R83", "amend with 0 files", each()),
    good("R84", "photo.jpg starting FF D8 FF", lambda: check_content("JPG", JPG)),
    good("R84", "pack.rar starting Rar!", lambda: check_content("RAR", RAR)),
    good("R84", "a Word document", lambda: check_content("DOC", DOC)),
    bad("R84", "program renamed photo.jpg", lambda: check_content("JPG", PROGRAM)),
    bad("R84", "zip renamed pack.rar", lambda: check_content("RAR", ZIP)),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    example.verify()


@pytest.mark.parametrize("name", ["a.png", "a.HEIC", "a.heif", "a.pdf", "a.docx", "a.jpeg", "a.doc", "旧.名.rar"])
def test_the_wide_choice_takes_more(name: str) -> None:
    assert check_file_name(name, WIDE) == []


@pytest.mark.parametrize("name", ["a.exe", "a.zip", "a.docm", "a.svg", "a.html", "a.jpg.exe", "a.", ".jpg.", "a"])
def test_neither_takes_the_rest(name: str) -> None:
    assert check_file_name(name, WIDE)
    assert check_file_name(name, REGISTRY)


def test_photos_may_be_larger_where_they_are_shrunk() -> None:
    assert check_size(MAX_BYTES + 1, "JPG", WIDE) == []
    assert check_size(MAX_BYTES + 1, "PDF", WIDE)
    assert check_size(MAX_BYTES + 1, "JPG", REGISTRY)
    assert check_size(20_000_001, "HEIC", WIDE)


def test_a_photo_of_another_kind_is_a_photo_where_it_is_made_anew() -> None:
    png = b"\x89PNG\r\n\x1a\n"
    assert check_content("JPG", png, WIDE) == []
    assert check_content("HEIC", JPG, WIDE) == []
    assert check_content("JPG", png, REGISTRY)
    for format_ in ("JPG", "PDF", "DOC", "RAR", "DOCX"):
        assert check_content(format_, PROGRAM, WIDE)
        assert check_content(format_, b"", WIDE)


def test_what_the_bytes_are_is_told_by_their_beginning() -> None:
    assert [content_of(one) for one in (JPG, RAR, DOC, ZIP, PROGRAM)] == ["JPG", "RAR", "DOC", "DOCX", None]


def test_the_first_thing_wrong_with_a_file_is_told() -> None:
    assert [one.code for one in check_file("a.exe", b"", WIDE)] == ["R81.wide"]
    assert [one.code for one in check_file("a.jpg", b"", WIDE)] == ["R82.empty"]
    assert [one.code for one in check_file("a.jpg", ZIP, WIDE)] == ["R84"]
    assert check_file("a.jpg", JPG, REGISTRY) == []

"""Requests that are odd as such: names, fields, lengths, codings; each gets one answer in words.

sec-U2 ... sec-U5, sec-U30 ... sec-U39
"""

from __future__ import annotations

import gc
import gzip
import re
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from flask import Flask

from portal.commands.serve import server_options
from portal.models import Photo, db
from portal.rules.workflow import SheetState
from portal.services import evidence, photos
from portal.settings import Settings
from tests.make import Make
from tests.photographs import jpeg, leaf_of, link_of
from tests.serving import served
from tests.uploads.doors import DOORS, FamilyDoor, body_of
from tests.uploads.hostile import NAMES, photo


@contextmanager
def half_forms() -> Iterator[None]:
    """What was read of a form that ends too early is closed by nobody but the collector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.fixture
def family(app: Flask, make: Make) -> FamilyDoor:
    return FamilyDoor(app, make)


@pytest.mark.parametrize("which", DOORS)
def test_names_of_files_mean_nothing(app: Flask, make: Make, which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_SHOWN", len(NAMES) + 1)
    odd = [name for name in NAMES if not NAMES[name].lower().endswith(b".jpg")] if which == "application" else []
    door = DOORS[which](app, make)
    for n, (title, name) in enumerate(NAMES.items()):
        refused = title in odd  # where files of several kinds are taken the ending says which
        page = door.send(jpeg((300, 400 + n)), 400 if refused else 303, name=name, mime=b"text/html")
        if refused:
            continue
        shown = door.browser.get(str(page.location))
        assert not shown.all("[onerror]")
    assert not door.is_empty()


ODD: dict[str, tuple[Callable[[], bytes], int]] = {
    "no fields": (lambda: b"------a-boundary--\r\n", 400),
    "nothing": (lambda: b"", 400),
    "no end": (lambda: body_of(photo())[:-30], 400),
    "cut in the middle": (lambda: body_of(photo())[:4000], 400),
    "an empty file": (lambda: body_of(b""), 400),
    "no file name": (lambda: body_of(photo()).replace(b'; filename="photo.jpg"', b""), 400),
    "another field": (lambda: body_of(photo()).replace(b'name="photo"', b'name="photo[]"'), 400),
    "a name that is no unicode": (lambda: body_of(photo(), name=b"\xff\xfe\xfa.jpg"), 400),
    "a thousand fields": (lambda: body_of(photo(), **{f"f{n}": "x" for n in range(1001)}), 413),
    "a long field": (lambda: body_of(photo(), note="x" * 10_000_000), 413),
    "too large": (lambda: body_of(b"\xff\xd8" + b"\0" * 26_000_000), 413),
    "line ends": (lambda: body_of(b"\r\n" * 5_000_000), 400),
    "returns": (lambda: body_of(b"\r" * 10_000_000), 400),
    "half boundaries": (lambda: body_of(b"\r\n------a-boundar" * 500_000), 400),
    "endless heads": (lambda: b"------a-boundary\r\n" + b"X-A: b\r\n" * 500_000, 413),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_forms_are_answered_in_words_and_leave_nothing(family: FamilyDoor, name: str) -> None:
    make, status = ODD[name]
    with half_forms():
        page = family.send_body(make(), status)
    assert page.h1 or page.all("[data-errors] li")
    assert family.is_empty()


def test_a_packed_body_is_no_form(family: FamilyDoor) -> None:
    """sec-U39"""
    family.send_body(gzip.compress(body_of(photo())), 400, environ_overrides={"HTTP_CONTENT_ENCODING": "gzip"})
    assert family.is_empty()


def test_of_a_repeated_field_the_first_counts(family: FamilyDoor) -> None:
    first, second = jpeg(), jpeg()
    both = body_of(first).removesuffix(b"------a-boundary--\r\n") + body_of(second)
    family.send_body(both, 303)
    row = db.session.query(Photo).one()
    assert photos.content_of(row.address, row.school_id, row.round_id) == first


def test_the_same_photo_for_two_children_is_two_photos_of_one_file(family: FamilyDoor, make: Make) -> None:
    """sec-U30, sec-U31"""
    data, other = jpeg(), make.sheet(SheetState.ISSUED)
    addresses = [family.address, family.address, f"/s/{link_of(leaf_of(other))}/photo"]
    for address in addresses:
        family.address = address
        family.send(data)
    rows = db.session.query(Photo).all()
    assert len(rows) == 2
    assert len({row.address for row in rows}) == 1
    assert len({row.receipt for row in rows}) == 2


@pytest.mark.parametrize("state", [SheetState.EXPECTED, SheetState.PRINTED])
def test_a_sheet_that_takes_none_says_so(family: FamilyDoor, state: SheetState) -> None:
    """sec-U36"""
    family.sheet.state, family.sheet.issued = state, False
    db.session.commit()
    answer = family.send(photo())
    assert family.is_empty()
    assert family.browser.get(str(answer.location)).h1


@pytest.fixture
def port(app: Flask, settings: Settings) -> Iterator[int]:
    """A server as `portal serve` sets it up, but for its patience."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    options = server_options(settings) | {"channel_timeout": 1, "cleanup_interval": 1, "threads": 2}
    with served(app, host="127.0.0.1", port=number, **options):
        yield number


def told(port: int, *pieces: bytes) -> bytes:
    """What the server says to these bytes until it closes the line, or cuts it with bytes still under way."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as line, suppress(ConnectionError):
        for piece in pieces:
            line.sendall(piece)
        while part := line.recv(65536):
            answer += part
    return answer


def head(address: str, *lines: str) -> bytes:
    base = ["Host: 127.0.0.1", "Connection: close", "Content-Type: multipart/form-data; boundary=----a-boundary"]
    return "\r\n".join([f"POST {address} HTTP/1.1", *base, *lines, "", ""]).encode()


def test_lengths_that_lie_keep_nothing_and_hold_nobody(family: FamilyDoor, port: int) -> None:
    """sec-U4, sec-U5"""
    address, body = family.address, body_of(photo())
    db.session.remove()
    with half_forms():
        assert told(port, head(address, f"Content-Length: {len(body) + 9000}"), body) == b""
        assert told(port, head(address, "Transfer-Encoding: chunked"), b"20000\r\n" + body[:9000]) == b""
        assert told(port, head(address, "Content-Length: many"), body).startswith(b"HTTP/1.1 400")
        short = told(port, head(address, "Content-Length: 3000"), body)
    assert re.match(rb"HTTP/1\.[01] 400|$", short)
    assert family.is_empty()


def test_the_server_itself_refuses_what_no_picture_can_be(family: FamilyDoor, port: int) -> None:
    db.session.remove()
    assert told(port, head(family.address, "Content-Length: 900000000")).startswith(b"HTTP/1.1 413")

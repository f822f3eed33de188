"""Requests that the server refuses before the application sees them: their heads, and nothing tells its version."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from http.client import parse_headers
from typing import Any

import pytest
from waitress.channel import HTTPChannel

from portal.commands import unheard
from portal.commands.serve import server_options
from portal.settings import Settings
from portal.web.headers import FIXED
from tests.serving import served

Ask = Callable[[bytes], tuple[int, dict[str, str]]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Send bytes to a server set up as `portal serve` does."""
    monkeypatch.setattr(HTTPChannel, "error_task_class", HTTPChannel.error_task_class)
    unheard.init()

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        raise AssertionError("this must not reach the application")

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = listener.getsockname()

        def sent(data: bytes) -> tuple[int, dict[str, str]]:
            with socket.create_connection(address, timeout=20) as client:
                client.sendall(data)
                with client.makefile("rb") as answer:
                    status = int(answer.readline().split()[1])
                    return status, dict(parse_headers(answer).items())

        with served(app, sockets=[listener], **server_options(Settings(max_upload_mb=1)) | {"threads": 1}):
            yield sent


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST /staff/piles HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 300_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nno colon here\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
    ],
    ids=["too large", "a head too large", "no head", "no length"],
)
def test_the_servers_own_refusals_have_the_heads_of_every_answer(ask: Ask, data: bytes, status: int) -> None:
    found, heads = ask(data)
    assert found == status
    assert {name: heads.get(name) for name in FIXED} == FIXED
    assert heads["Cache-Control"] == "no-store"
    assert "Server" not in heads

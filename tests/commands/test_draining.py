"""How a server process ends (sec-R23), and who is cut off while it serves (sec-R13)."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from portal.commands import draining
from portal.commands.draining import Serving


def answering(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    size = len(environ["wsgi.input"].read())
    start("200 OK", [("Content-Type", "text/plain")])
    return [str(size).encode()]


class Running:
    """A server in a thread of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        handlers: dict[int, Any] = {}  # only the main thread may set some
        monkeypatch.setattr(draining, "signal", SimpleNamespace(SIGTERM=15, signal=handlers.__setitem__))
        options = {"threads": 1, "asyncore_use_poll": True, "cleanup_interval": 0.05, "channel_timeout": 30}
        self.serving = Serving(answering, self.listener, **options)
        self.thread = threading.Thread(target=self.serving.run)
        self.thread.start()
        self.end = lambda: handlers[15](15, None)

    def connect(self) -> socket.socket:
        line = socket.create_connection(self.address, timeout=10)
        return line

    def ask(self, line: socket.socket, sent: bytes) -> bytes:
        line.sendall(sent)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        return answer.read()


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    made = Running(monkeypatch)
    yield made
    if made.thread.is_alive():
        made.end()
        made.thread.join(10)
    made.listener.close()
    made.serving._server.trigger.close()


HEAD = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n"


def test_what_was_begun_is_answered_and_what_is_idle_is_closed(running: Running) -> None:
    with running.connect() as idle, running.connect() as begun:
        assert running.ask(idle, HEAD + b"0123456789") == b"10"
        begun.sendall(HEAD + b"01234")
        idle.sendall(b"")
        while not any(channel.request for channel in list(running.serving._server.active_channels.values())):
            pass
        running.end()
        assert idle.recv(1) == b""
        assert running.ask(begun, b"56789") == b"10"
        running.thread.join(10)
        assert not running.thread.is_alive()


def test_who_stops_in_the_middle_is_not_waited_for_longer_than_the_grace(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "GRACE", 0.3)
    with running.connect() as line:
        line.sendall(HEAD + b"01234")
        while not any(channel.request for channel in list(running.serving._server.active_channels.values())):
            pass
        running.end()
        running.thread.join(10)
        assert not running.thread.is_alive()


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\nHo", HEAD + b"0"])
def test_who_trickles_is_cut_off(running: Running, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(draining, "PATIENCE", 0.0)
    monkeypatch.setattr(draining, "SLOWEST", 10**6)
    with running.connect() as line:
        line.sendall(sent)
        assert cut_off(line)


def cut_off(line: socket.socket) -> bool:
    """Is it closed while something comes all the time, so that the line is never silent?"""
    line.settimeout(0.05)
    for _ in range(200):
        try:
            line.sendall(b"s")
            if line.recv(1) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False

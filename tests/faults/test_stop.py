"""A server that is asked to end (sec-R23, R25): what was begun is finished, and a restart under load costs nobody."""

from __future__ import annotations

import http.client
import re
import socket
import time

import pytest

from tests.faults.comparing import compare
from tests.faults.conftest import Tell
from tests.faults.phones import Crowd, Phone, form, picture
from tests.faults.serving import Serving
from tests.faults.world import World

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
RESTARTS = 4


def begun(world: World, link: str, data: bytes) -> tuple[socket.socket, bytes]:
    """An upload of which half has been sent, and the other half."""
    phone = Phone(world)
    page = phone.ask("GET", f"/s/{link}/photo")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page[2])
    assert token
    body = form(token[1], data)
    kind = "multipart/form-data; boundary=----the-photo"
    head = f"POST /s/{link}/photo HTTP/1.1\r\nHost: 127.0.0.1:{world.port}\r\nContent-Type: {kind}\r\n"
    head += f"Cookie: {phone.cookie}\r\nContent-Length: {len(body)}\r\n\r\n"
    line = socket.create_connection(("127.0.0.1", world.port), timeout=40)
    line.sendall(head.encode() + body[: len(body) // 2])
    phone.close()
    return line, body[len(body) // 2 :]


def test_uploads_under_way_are_finished_before_the_end(sqlite_world: World, tell: Tell) -> None:
    with Serving(sqlite_world) as server:
        lines = [begun(sqlite_world, link, picture(200_000)) for link in sqlite_world.links[:10]]
        time.sleep(0.5)
        server.end()
        time.sleep(0.5)
        answers = []
        for line, rest in lines:
            line.sendall(rest)
            answer = http.client.HTTPResponse(line)
            answer.begin()
            answers.append(answer.status)
            answer.close()
            line.close()
        code, seconds = server.ended()
    kept = compare(sqlite_world, [])
    tell(fault="stop", on="SQLite", server="", kept=kept.told(), answered=answers.count(303), seconds=round(seconds, 1))
    assert answers == [303] * 10
    assert kept.rows == 10
    assert code == 0
    assert seconds < 30


def test_phones_that_have_stopped_do_not_keep_a_server(sqlite_world: World) -> None:
    with Serving(sqlite_world) as server:
        line, _rest = begun(sqlite_world, sqlite_world.links[0], picture(200_000))
        server.end()
        code, seconds = server.ended()
        line.close()
    assert code == 0
    assert seconds <= 30
    assert compare(sqlite_world, []).rows == 0


def test_a_restart_under_load_is_not_noticed(any_world: World, tell: Tell) -> None:
    """The service manager keeps the port open (`LISTEN_FDS`): who comes meanwhile waits a moment."""
    server = Serving(any_world)
    server.keeps_port = True
    with server, Crowd(server, size=30_000) as crowd:
        for _ in range(RESTARTS):
            assert crowd.wait_for(len(crowd.answers.sent) + 20)
            server.end()
            code, _seconds = server.ended()
            assert code == 0
            server.start()
        assert crowd.wait_for(len(crowd.answers.sent) + 20)
    answers = crowd.answers
    kept = compare(any_world, answers.until_now())
    counts = {"restarts": RESTARTS, "errors": sum(status in range(500, 599) for status in answers.statuses)}
    tell(fault="restart", on=any_world.database, server="", kept=kept.told(), **counts)
    assert kept.whole
    assert answers.refused == []
    assert counts["errors"] == 0

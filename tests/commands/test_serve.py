"""What the server lets through to the application: whose forwarded headers are believed."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterable
from typing import Any

import pytest
import waitress
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.commands import serve
from portal.commands.serve import server_options
from portal.settings import Settings
from portal.web.address import behind_proxy

CLAIMED = {"X-Forwarded-For": "10.20.0.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "xueji.example"}


def seen(settings: Settings, peer: str, headers: dict[str, str]) -> str:
    """Address, scheme and host as the application gets them from a server set up as `portal serve` does."""

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return [" ".join((environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["HTTP_HOST"])).encode()]

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        wrapped = behind_proxy(app) if settings.https else app
        server = waitress.create_server(wrapped, sockets=[listener], **server_options(settings) | {"threads": 1})
        try:
            environ = EnvironBuilder(headers=list(headers.items()), environ_base={"REMOTE_ADDR": peer}).get_environ()
            body, status, _headers = run_wsgi_app(server.application, environ)
            return b"".join(body).decode() if status == "200 OK" else status
        finally:
            server.task_dispatcher.shutdown()
            server.close()


@pytest.mark.parametrize(
    ("proxy", "peer", "address"),
    [
        ("127.0.0.1", "127.0.0.1", "10.20.0.9 https xueji.example"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7 http localhost"),
        ("10.0.0.2", "10.0.0.2", "10.20.0.9 https xueji.example"),
        ("10.0.0.2", "127.0.0.1", "127.0.0.1 http localhost"),
    ],
)
def test_only_the_own_proxy_says_where_a_request_comes_from(proxy: str, peer: str, address: str) -> None:
    """D4, sec-A43: behind the proxy the client's address arrives, past it nobody chooses one."""
    settings = Settings(https=True, base_url="https://xueji.example", proxy=proxy)
    assert seen(settings, peer, CLAIMED) == address


def test_what_a_client_wrote_before_the_entry_of_the_proxy_is_dropped() -> None:
    settings = Settings(https=True, base_url="https://xueji.example")
    headers = CLAIMED | {"X-Forwarded-For": "10.20.0.1, 198.51.100.7", "Forwarded": "for=10.20.0.2"}
    assert seen(settings, "127.0.0.1", headers) == "198.51.100.7 https xueji.example"


def test_asked_to_end_while_a_process_is_about_to_be_begun_again_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the new one hears of nothing, and the service manager has to kill all."""
    begun, sleep = list[Any](), time.sleep
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def asked_meanwhile(seconds: float) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        sleep(0)

    monkeypatch.setattr(serve.time, "sleep", asked_meanwhile)
    monkeypatch.setattr(serve, "_fork", lambda *given: begun.append(given))
    dead = os.fork()
    if not dead:
        os._exit(1)
    try:
        assert serve._watch({dead: (serve._work, None)}, Settings()) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert begun == []


def test_without_a_proxy_no_forwarded_header_is_looked_at() -> None:
    assert seen(Settings(), "127.0.0.1", CLAIMED) == "127.0.0.1 http localhost"

"""`portal serve`: pre-forked waitress, so that slow phones do not block pages, with one worker beside it."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from portal.models import db
from portal.models.schema import migrating, upgrade
from portal.services import rotation
from portal.settings import BadSettings, Settings
from portal.unsafe import is_here
from portal.web import logs

_ENDING = (signal.SIGTERM, signal.SIGINT)


def register(groups: Any) -> None:
    """Add the command to the command line."""
    command = groups.add_parser("serve", help="the production server with its worker")
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000)
    command.add_argument("--workers", type=int, default=2, metavar="N", help="server processes (default 2)")
    command.set_defaults(func=serve)


def serve(args: argparse.Namespace, app: Flask) -> int:
    """Open the port, fork the servers and the worker, and restart whichever dies."""
    settings: Settings = app.extensions["portal.settings"]
    if not (settings.https or settings.trial or is_here(args.host or "0.0.0.0")):
        raise BadSettings(f"without PORTAL_HTTPS nobody but this machine is served, so not at --host {args.host}")
    with migrating(db.engine) as connection:
        upgrade(connection)
    rotation.bind()
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()  # connections never cross a fork
    listener = _listen(args.host, args.port)
    print(f"portal: {settings.base_url if settings.https else f'http://{args.host}:{args.port}'}", flush=True)
    children: dict[int, Any] = {}
    for _ in range(max(1, args.workers)):
        children[_fork(_serve_pages, settings, listener)] = (_serve_pages, listener)
    children[_fork(_work, settings, None)] = (_work, None)
    return _watch(children, settings)


def _listen(host: str, port: int) -> socket.socket:
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=3)  # handed over by the service manager, which keeps it open over a restart
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    return listener


def _fork(job: Any, settings: Settings, listener: socket.socket | None) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        job(settings, listener)
        status = 0
    except SystemExit:
        status = 0
    except Exception as error:  # what it says may quote what was read
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        print(f"portal: a server process ended: {type(error).__name__} at {where}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def server_options(settings: Settings) -> dict[str, Any]:
    """How waitress serves. What is sent too slowly is cut; what is too large is received up to twice the limit, so that
    the application can say so in words."""
    return {
        "threads": 7 + settings.readers,  # readers are called from threads: most of them stay free for pages
        "connection_limit": 1000,
        "asyncore_use_poll": True,
        "recv_bytes": 256 * 1024,  # a photo in a few pieces instead of a hundred
        "channel_timeout": 30,
        "cleanup_interval": 5,
        "max_request_body_size": 2 * settings.max_upload_mb * 1024 * 1024,
        "ident": None,
        **_forwarding(settings),
    }


def _forwarding(settings: Settings) -> dict[str, Any]:
    """From whom forwarded headers are taken over, and which. The server throws away all others before the application
    sees them: without this everybody would come from the proxy's own address (D4, sec-A43)."""
    if not settings.https:
        return {}
    headers = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    return {"trusted_proxy": settings.proxy, "trusted_proxy_count": 1, "trusted_proxy_headers": headers}


def _spool(settings: Settings) -> None:
    """Uploads too large for memory wait in a folder only this user may enter, never in the machine's /tmp."""
    folder = Path(settings.var) / "spool"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    tempfile.tempdir = str(folder)


def _serve_pages(settings: Settings, listener: socket.socket) -> None:
    from portal import create_app
    from portal.commands import memory, unheard
    from portal.commands.draining import Serving

    logs.begin()
    memory.give_back()
    unheard.init()
    _spool(settings)
    app = create_app(settings)
    _warm(app)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a busy evening is no news
    try:
        Serving(app, listener, **server_options(settings)).run()
    finally:
        app.extensions["portal.readers"].close()


def _warm(app: Flask) -> None:
    """Start the reading processes beside everything else, so that the first photo need not wait for them."""
    threading.Thread(target=app.extensions["portal.readers"].warm, daemon=True).start()


def _work(settings: Settings, _listener: None) -> None:
    from portal import create_app
    from portal.services.work import make_worker

    logs.begin()
    _spool(settings)
    # what nobody waits for is read here alone, and on an evening after a meeting that is most of it
    app = create_app(replace(settings, readers=settings.readers + 1))
    _warm(app)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    make_worker(app).run(stop)
    app.extensions["portal.readers"].close()


def _watch(children: dict[int, Any], settings: Settings) -> int:
    """Wait; a child that dies is started again, SIGTERM and SIGINT end all."""
    ending = False

    def end(*_: Any) -> None:
        nonlocal ending
        ending = True
        for pid in list(children):
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while children:
        pid, _status = os.wait()
        job = children.pop(pid, None)
        if job is not None and not ending:
            time.sleep(1)  # a child that cannot start must not take the whole machine
            signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
            if not ending:  # nobody would end one that is begun after the end was asked for
                children[_fork(job[0], settings, job[1])] = job
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    return 0

"""Waitress with an end: what has been begun is finished, what is idle is closed, and nobody trickles in for ever."""

from __future__ import annotations

import signal
import socket
import time
from typing import Any

import waitress
from waitress import wasyncore

#: how long requests under way may take once the end was asked for, in seconds: a service manager kills after 30 or more
GRACE = 25.0
#: how long the head of a request may take, and from when on its body must come at SLOWEST bytes a second
PATIENCE, SLOWEST = 30.0, 1000


class Serving:
    """One server process: `run` until SIGTERM, then until what is under way is answered, at most GRACE seconds."""

    def __init__(self, app: Any, listener: socket.socket, **options: Any) -> None:
        self._server: Any = waitress.create_server(app, sockets=[listener], **options)
        self._ending_since = 0.0
        #: requests that are not here in full, and when they were first seen
        self._begun: dict[Any, float] = {}

    def run(self) -> None:
        """Serve; back when there is nothing left to do."""
        signal.signal(signal.SIGTERM, self._end)
        looked = 0.0
        while self._goes_on():
            adj = self._server.adj
            wasyncore.loop(timeout=1, use_poll=adj.asyncore_use_poll, map=self._server._map, count=1)
            if self._ending_since or time.monotonic() - looked > adj.cleanup_interval:
                looked = time.monotonic()
                self._cut_the_slow(looked)
        self._server.task_dispatcher.shutdown()
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()

    def _end(self, *_: object) -> None:
        if not self._ending_since:
            self._ending_since = time.monotonic()
            wasyncore.dispatcher.del_channel(self._server)  # others listen on the same socket: it is only not asked
            self._server.pull_trigger()

    def _goes_on(self) -> bool:
        if not self._ending_since:
            return True
        if time.monotonic() - self._ending_since > GRACE:
            return False
        busy = False
        for channel in list(self._server.active_channels.values()):
            if channel.request or channel.requests or channel.total_outbufs_len:
                busy = True
            else:
                channel.will_close = True
                channel.handle_write()
        return busy

    def _cut_the_slow(self, at: float) -> None:
        """Close what holds a connection without getting on: waitress itself only closes what is silent."""
        receiving = {channel.request: channel for channel in self._server.active_channels.values() if channel.request}
        self._begun = {request: self._begun.get(request, at) for request in receiving}
        for request, begun in self._begun.items():
            over = at - begun - PATIENCE
            if over > 0 and (not request.headers_finished or request.body_bytes_received < over * SLOWEST):
                receiving[request].will_close = True

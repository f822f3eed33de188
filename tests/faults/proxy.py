"""A line to an object store that can be made bad: refused, silent, cut, failing, slow."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

PIECE = 1024


class Line:
    """Passes a local port on to another; `mode` says how: pass, refuse, hang, reset, fail, slow."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to, self.mode = to, "pass"
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def turn(self, mode: str) -> None:
        """From now on; lines that are open are cut, so that the next question meets the new one."""
        self.mode = mode
        for line in list(self._open):
            _close(line)

    def close(self) -> None:
        """Nobody is passed on any more."""
        self.turn("refuse")
        _close(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                line, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        self._open.add(line)
        with contextlib.suppress(OSError):
            if self.mode == "refuse":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            elif self.mode == "hang":
                while line.recv(65536):
                    pass
            elif self.mode == "fail":
                self._fail(line)
            else:
                self._pass(line)
        self._open.discard(line)
        _close(line)

    def _fail(self, line: socket.socket) -> None:
        while line.recv(1 << 20):
            line.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                while line.recv(1 << 20):
                    pass
            line.settimeout(None)
            line.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return

    def _pass(self, line: socket.socket) -> None:
        with socket.create_connection(self._to) as far:
            self._open.add(far)
            back = threading.Thread(target=_pump, args=(far, line), daemon=True)
            back.start()
            sent = 0
            while data := line.recv(PIECE if self.mode == "slow" else 65536):
                sent += len(data)
                if self.mode == "reset" and sent > 8000:
                    return  # in the middle of the photo
                if self.mode == "slow":
                    time.sleep(len(data) / 10_000)
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)
            back.join(10)
            self._open.discard(far)


def _pump(far: socket.socket, line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := far.recv(65536):
            line.sendall(data)
    _close(line)


def _close(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()

"""Phones for `benchmarks.upload`: each has a connection and cookies of its own and does what a browser does."""

from __future__ import annotations

import hashlib
import http.client
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks.upload_school import Sheet

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_BOUNDARY = "----the-photo"


@dataclass
class Answers:
    """What the phones were told: receipt -> SHA-256 of the photo, seconds of each, times it was told at."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    read_at_once: int = 0
    refused: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, receipt: str, digest: str, seconds: float, read: bool) -> None:
        with self._lock:
            self.acknowledged[receipt] = digest
            self.seconds.append(seconds)
            self.read_at_once += read

    def refuse(self, status: int) -> None:
        with self._lock:
            self.refused.append(status)


class Phone:
    """A phone in front of one paper after the other."""

    def __init__(self, port: int, sheet: Sheet) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.sheet, self._cookie, self._token = sheet, "", ""

    def open(self) -> None:
        """Open the page that sends."""
        page = self._ask("GET", f"/s/{self.sheet.link}/photo")[2]
        found = _TOKEN.search(page)
        assert found, "the page has no form"
        self._token = found[1]

    def send(self, nth: int, answers: Answers, look: bool = True) -> None:
        """Send a photo and, with `look`, wait for the page that answers."""
        data = self.sheet.picture(nth)
        body = _form({"csrf_token": self._token}, data)
        begun = time.perf_counter()
        kind = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        status, address, page = self._ask("POST", f"/s/{self.sheet.link}/photo", body, kind)
        if status != 303 or "/photo/" not in address:
            answers.refuse(status)
            return
        if look:
            page = self._ask("GET", address)[2]
        taken = time.perf_counter() - begun
        receipt = address.rsplit("/", 1)[1]
        answers.add(receipt, hashlib.sha256(data).hexdigest(), taken, look and "data-ask-again" not in page)

    def close(self) -> None:
        self._line.close()

    def _ask(
        self, method: str, address: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        self._line.request(method, address, body, {"Cookie": self._cookie} | (headers or {}))
        answer = self._line.getresponse()
        text = answer.read().decode(errors="replace")
        if (cookie := answer.headers.get("Set-Cookie")) is not None:
            self._cookie = cookie.partition(";")[0]
        return answer.status, answer.headers.get("Location", ""), text


def _form(fields: dict[str, str], data: bytes) -> bytes:
    head = "".join(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
    head += "Content-Type: image/jpeg\r\n\r\n"
    return head.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()


def keep_sending(phones: Sequence[Phone], count: int, answers: Answers) -> tuple[int, float]:
    """Each phone sends one photo after the other until there are no more; how many were acknowledged as long as every
    phone was at it, and in how many seconds."""
    sheets = [phone.sheet for phone in phones]
    turns = iter(range(count))  # taking the next is one step for all threads
    begun, ends = time.perf_counter(), []

    def act(_nth: int, phone: Phone) -> None:
        for turn in turns:
            phone.sheet = sheets[turn % len(sheets)]  # all papers in turn: none has more photos than it may
            phone.send(1000 + turn, answers, look=False)
        ends.append((time.perf_counter() - begun, len(answers.acknowledged)))

    together(phones, act)
    seconds, acknowledged = min(ends)
    return acknowledged, seconds


def together(phones: Sequence[Phone], act: Callable[[int, Phone], None]) -> float:
    """All phones at the same moment, each in a thread of its own; seconds until the last one is done."""
    ready = threading.Barrier(len(phones) + 1)

    def one(nth: int, phone: Phone) -> None:
        ready.wait()
        act(nth, phone)

    with ThreadPoolExecutor(len(phones)) as threads:
        waiting = [threads.submit(one, nth, phone) for nth, phone in enumerate(phones)]
        ready.wait()
        begun = time.perf_counter()
        for each in waiting:
            each.result()
        return time.perf_counter() - begun

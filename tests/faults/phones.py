"""Phones that send photos through whatever happens to the server; some give up after the first error."""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import random
import re
import threading
import time
from dataclasses import dataclass, field

from PIL import Image

from tests.faults.serving import Serving
from tests.faults.world import World

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_BOUNDARY = "----the-photo"
GIVE_UP = 0.3


@dataclass(frozen=True)
class Sent:
    """One photo that was acknowledged: the receipt, the SHA-256 of what was sent, the paper."""

    receipt: str
    digest: str
    link: str


@dataclass
class Answers:
    """What all phones were told. `refused` are answers below 500 that are no receipt."""

    sent: list[Sent] = field(default_factory=list)
    errors: int = 0
    given_up: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def until_now(self) -> list[Sent]:
        """What has been acknowledged by this moment."""
        with self.lock:
            return list(self.sent)


def picture(size: int = 300_000) -> bytes:
    """A small JPEG with so many bytes nobody has seen before behind it."""
    out = io.BytesIO()
    Image.new("RGB", (210, 297), (200, 200, 90)).save(out, "JPEG")
    return out.getvalue() + os.urandom(size)


class Phone:
    """One connection with its cookies, in front of one paper after the other."""

    def __init__(self, world: World, timeout: float = 20) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", world.port, timeout=timeout)
        self.cookie, self._token = "", ""

    def send(self, link: str, data: bytes) -> tuple[int, str]:
        """Status, and the receipt or the page. OSError or HTTPException when the line is cut."""
        if not self._token:
            status, _address, page = self.ask("GET", f"/s/{link}/photo")
            found = _TOKEN.search(page)
            if found is None:
                return status, page
            self._token = found[1]
        kind = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        status, address, page = self.ask("POST", f"/s/{link}/photo", form(self._token, data), kind)
        receipt = address.rsplit("/", 1)[1] if status == 303 and "/photo/" in address else ""
        return (201, receipt) if receipt else (status, page)

    def ask(
        self, method: str, address: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Status, Location and text of an answer."""
        try:
            self._line.request(method, address, body, {"Cookie": self.cookie} | (headers or {}))
            answer = self._line.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self._line.close()
            raise
        if (cookie := answer.headers.get("Set-Cookie")) is not None:
            self.cookie = cookie.partition(";")[0]
        self.headers = answer.headers
        return answer.status, answer.headers.get("Location", ""), text

    def close(self) -> None:
        self._line.close()


def form(token: str, data: bytes) -> bytes:
    """The body a browser sends."""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--{_BOUNDARY}\r\n'
    head += 'Content-Disposition: form-data; name="photo"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()


class Crowd:
    """So many phones sending until told to stop. Leaving it stops and joins them."""

    def __init__(self, serving: Serving, phones: int = 8, size: int = 300_000, seed: int = 1) -> None:
        self.answers = Answers()
        self._serving, self._size = serving, size
        self._stop, self._turn = threading.Event(), iter(range(10**9))
        self._threads = [
            threading.Thread(target=self._act, args=(random.Random(seed * 1000 + n),), daemon=True)
            for n in range(phones)
        ]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def wait_for(self, acknowledged: int, seconds: float = 60) -> bool:
        """Until so many photos in all are acknowledged; false when that takes longer."""
        deadline = time.monotonic() + seconds
        while len(self.answers.sent) < acknowledged:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def _act(self, luck: random.Random) -> None:
        phone = Phone(self._serving.world)
        links = self._serving.world.links
        while not self._stop.is_set():
            link = links[next(self._turn) % len(links)]
            self._deliver(phone, link, picture(self._size), luck)
        phone.close()

    def _deliver(self, phone: Phone, link: str, data: bytes, luck: random.Random) -> None:
        """The same bytes again and again until there is a receipt, or until this family gives up."""
        patient = luck.random() >= GIVE_UP
        while not self._stop.is_set():
            if not self._serving.up.wait(0.1):
                continue
            try:
                status, told = phone.send(link, data)
            except (OSError, http.client.HTTPException):
                status, told = 599, ""
            with self.answers.lock:
                self.answers.statuses.add(status)
                if status == 201:
                    self.answers.sent.append(Sent(told, hashlib.sha256(data).hexdigest(), link))
                    return
                if status < 500:
                    self.answers.refused.append((status, told[:3000]))
                    return
                self.answers.errors += 1
                self.answers.given_up += not patient
            if not patient:
                return
            time.sleep(0.05)

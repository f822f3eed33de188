"""Every form of every screen, filled with what nobody would type: found on the pages, sent as a browser does.

A page or a refusal in words must come back, nothing sent may become markup, and no secret column may be set by name.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import Client, TestResponse

#: a mark that stands in everything sent and in nothing else
MARK = "zq7zq"
TEXTS: dict[str, bytes] = {
    "nothing": b"",
    "blanks": " \t\u3000\u00a0 ".encode(),
    "one sign": "林".encode(),
    "long": b"a" * 5_000,
    "much": b"9" * 60_000,
    "a script": f"{MARK}<script>{MARK}()</script>".encode(),
    "an attribute": f"{MARK}\" onmouseover={MARK}() autofocus x='".encode(),
    "a template": f"{MARK}{{{{7*7}}}}${{7*7}}#{{7*7}}<%=7*7%>".encode(),
    "a format": f"{MARK}%s%n%(name)s{{0.__class__}}{{}}".encode(),
    "a query": f"{MARK}' OR 1=1--".encode(),
    "wild cards": b"%_\\*?[",
    "a formula": f"=cmd|'/C {MARK}'!A0".encode(),
    "line ends": f"{MARK}\r\nSet-Cookie: {MARK}=1\r\n\r\n".encode(),
    "a zero byte": f"{MARK}\0{MARK}".encode(),
    "no unicode": b"\xff\xfe" + MARK.encode(),
    "half a character": MARK.encode() + b"\xed\xa0\x80\xed\xb0\x80",
    "invisible": "\u200b\u202e\u2066\ufeff\U000e0041\x0b\x1b[2J".encode(),
    "rare": "𠮷䶮・·•‧∙\U0001f468\u200d\U0001f469".encode(),
    "other digits": "٩٩٠١٠١²⁰¹⁴".encode(),
    "a number without end": b"9" * 400,
    "below nothing": b"-1",
    "no number": b"NaN",
    "a power": b"1e309",
    "a day that is none": b"2026-02-30",
    "a year far away": b"99999-12-31T25:61",
    "an id of nobody": b"0" * 32,
    "a path": b"../../../../etc/passwd",
    "json": b'{"a":[{}]}',
}
#: names of columns that no form has
UNASKED = {"role": "PROVINCE", "school_id": "0" * 32, "path": "/", "state": "ARCHIVED", "epoch": "0", "is_admin": "1"}
#: what would only end the walk of a person
LEFT_OUT = ("/sign-out", "/password")
_SENT_BY = {"submit", "button", "image", "reset"}


@dataclass(frozen=True)
class Form:
    """A form as it stands on a page: fixed values, and the names of what people fill in."""

    action: str
    method: str
    fixed: tuple[tuple[str, str], ...]
    open: tuple[str, ...]
    files: tuple[str, ...]


def forms_of(page: str, address: str) -> Iterator[Form]:
    """All forms of a page."""
    for form in BeautifulSoup(page, "html.parser").find_all("form"):
        fixed, names, files = [], [], []
        for field in form.select("input[name], select[name], textarea[name], button[name]"):
            name, kind = str(field["name"]), str(field.get("type") or field.name)
            if kind == "file":
                files.append(name)
            elif kind == "hidden" or field.name == "button" or kind in _SENT_BY:
                fixed.append((name, str(field.get("value", ""))))
            elif name not in names:
                names.append(name)
        action = str(form.get("action") or address)
        yield Form(action, str(form.get("method") or "get").upper(), _last(fixed), tuple(names), tuple(files))


def _last(pairs: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """One value a name: of several buttons one is pressed."""
    return tuple(dict(pairs).items())


class Sender:
    """Sends forms, each field with another text, each time with the next."""

    def __init__(self, app: Flask) -> None:
        self._app, self._turn, self._texts = app, count(), list(TEXTS.items())

    def send(self, client: Client, form: Form, spoil_fixed: bool) -> tuple[str, TestResponse]:
        """Send it once; what was sent in words, and the answer. With `spoil_fixed` also what nobody types."""
        turn, fields, said = next(self._turn), [], []
        for n, name in enumerate(form.open):
            title, text = self._texts[(turn * 7 + n) % len(self._texts)]
            said.append(f"{name}={title}")
            fields += [(name, text)] * (2 if turn % 5 == 4 else 1)
        for name, value in form.fixed:
            title, text = self._texts[(turn * 5) % len(self._texts)]
            spoilt = spoil_fixed and name not in ("csrf_token",)
            said += [f"{name}={title}"] if spoilt else []
            fields.append((name, text if spoilt else value.encode()))
        fields += [(name, value.encode()) for name, value in UNASKED.items() if name not in dict(fields)]
        headers = {"HX-Request": "true"} if turn % 3 == 2 else {}
        if form.method == "GET":
            address = f"{form.action.partition('?')[0]}?{_coded(fields)}"
            return f"{form.action} {said}", client.get(address, headers=headers)
        if form.files:
            return f"{form.action} {said}", client.post(form.action, data=_parts(fields, form.files), headers=headers)
        kind = "application/x-www-form-urlencoded"
        return f"{form.action} {said}", client.post(
            form.action, data=_coded(fields), content_type=kind, headers=headers
        )


def walk(app: Flask, screens: Iterable[tuple[str, Client, str]]) -> Iterator[str]:
    """Open each screen (who, that person's client, address), send each kind of form on it once a person, and tell what
    went wrong."""
    sender, seen = Sender(app), set()
    for who, client, address in screens:
        page = client.get(address)
        if page.status_code != 200 or b"<form" not in page.data:
            continue
        for form in forms_of(page.get_data(as_text=True), address):
            kind = (who, form.method, _endpoint(app, form), re.sub(r"[0-9a-f]{32}|[0-9]+", "#", str(sorted(form.open))))
            if kind not in seen and not form.action.startswith(LEFT_OUT):
                seen.add(kind)
                what, answer = sender.send(client, form, len(seen) % 3 == 2)
                yield from (f"{fault}: {form.method} {what}" for fault in faults_of(answer))


def _endpoint(app: Flask, form: Form) -> str:
    return str(app.url_map.bind("127.0.0.1").match(form.action.partition("?")[0], form.method)[0])


def _coded(fields: list[tuple[str, bytes]]) -> str:
    return "&".join(f"{urlencode({name: ''})}{quote_from_bytes(text)}" for name, text in fields)


def _parts(fields: list[tuple[str, bytes]], files: tuple[str, ...]) -> dict[str, Any]:
    texts: dict[str, Any] = {name: text.decode("utf-8", "replace")[:100_000] for name, text in fields}
    return texts | {name: (io.BytesIO(b"\xff\xd8\xff" + MARK.encode()), f"{MARK}<script>.jpg") for name in files}


def faults_of(answer: TestResponse) -> list[str]:
    """What must not come back: a failure, a head or markup made of what was sent."""
    if answer.status_code >= 500:
        return [f"answers {answer.status_code}"]
    faults = ["a head was split"] if any(MARK in name for name, _ in answer.headers) else []
    faults += ["leads away"] if re.match(r"(?!https?://127\.0\.0\.1|https?://localhost)\w+:|//", _to(answer)) else []
    if "html" in (answer.content_type or "") and MARK.encode() in answer.data:
        page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
        faults += [f"markup of what was sent: {str(tag)[:120]}" for tag in page.find_all(_is_made)]
        faults += ["a template was worked out"] if f"{MARK}49" in page.get_text() else []
    return faults


def _to(answer: TestResponse) -> str:
    return answer.headers.get("Location") or answer.headers.get("HX-Redirect") or "/"


def _is_made(tag: Tag) -> bool:
    """Is this element, or one of its attributes, made of a text that was sent?"""
    if tag.name == "script":
        return MARK in (tag.string or "")
    return any(name.startswith("on") or MARK in name for name in tag.attrs)

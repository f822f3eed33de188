"""The same request in other forms: as htmx asks, HEAD, OPTIONS, an overridden method, the address spelled otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.access.door import SELF, Answer
from tests.access.rows import NEVER, Matrix, Row

Form = Callable[[Matrix, Row], str | None]


def _as_htmx(matrix: Matrix, row: Row) -> str | None:
    """A part of a page is guarded as the page is (sec-F18)."""
    return matrix.fault(replace(row, htmx=True))


def _other(matrix: Matrix, row: Row, method: str, address: str | None = None, **headers: str) -> Answer:
    there, form = matrix.address(row)
    sent = form if method not in ("GET", "HEAD", "OPTIONS") else None
    return matrix.door.ask(matrix.world.tokens.get(row.actor), method, address or there, sent, headers)


def _head(matrix: Matrix, row: Row) -> str | None:
    """HEAD says what GET says, without a word of it."""
    if row.method != "GET":
        return None
    answer, asked = _other(matrix, row, "HEAD"), matrix.ask(row)
    if answer.status != asked.status or answer.data:
        return f"HEAD {row}: {answer.status} instead of {asked.status}, {len(answer.data)} bytes"
    return None


def _options(matrix: Matrix, row: Row) -> str | None:
    """OPTIONS runs no view: it says nothing about any thing and changes nothing."""
    answer, never = _other(matrix, row, "OPTIONS"), _other(matrix, replace(row, at=NEVER), "OPTIONS")
    if answer.status >= 500 or answer.written - SELF or (answer.status == 200 and answer.body):
        return f"OPTIONS {row}: {answer.status}"
    return None if answer.status == never.status else f"OPTIONS {row}: tells that it exists"


def _overridden(matrix: Matrix, row: Row) -> str | None:
    """No header and no field turns a method into another (sec-F15)."""
    asked = matrix.ask(row)
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        other = "POST" if row.method == "GET" else "DELETE"
        answer = matrix.ask(row, {name: other})
        if answer.status != asked.status or answer.written - SELF - asked.written:
            return f"{row} with {name}: {answer.status} instead of {asked.status}"
    there, form = matrix.address(row)
    if row.method == "GET":
        there += ("&" if "?" in there else "?") + "_method=POST"
    answer = matrix.door.ask(
        matrix.world.tokens.get(row.actor), row.method, there, form and form | {"_method": "DELETE"}
    )
    return None if answer.status == asked.status else f"{row} with _method: {answer.status} instead of {asked.status}"


def _never_allowed(matrix: Matrix, row: Row) -> str | None:
    """Methods that no view has."""
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        answer = _other(matrix, row, method)
        if answer.status != 405 or answer.written:
            return f"{method} {row}: {answer.status}"
    return None


def _spelled(matrix: Matrix, row: Row) -> str | None:
    """Addresses with a slash too many or in capitals are other addresses."""
    there = matrix.address(row)[0].partition("?")[0]
    for address in (there.rstrip("/") + "/", there.upper(), "/" + there, there + "/.", there + "%00"):
        if address == there or address.upper() == there == "/":
            continue
        answer = _other(matrix, row, row.method, address)
        refused = (301, 308, 400, 403, 404, 405)  # 403: who may not ask is told so before anything is looked for
        if not (answer.status in refused or address == "//") or answer.written - SELF:
            return f"{row.method} {address} by {row.actor}: {answer.status}"
    return None


FORMS: dict[str, Form] = {
    "htmx": _as_htmx,
    "HEAD": _head,
    "OPTIONS": _options,
    "method override": _overridden,
    "other methods": _never_allowed,
    "slash, capitals, dots, zero byte": _spelled,
}

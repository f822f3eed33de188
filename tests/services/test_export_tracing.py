"""A leaked file finds its way back: as it is, saved anew, printed, or in part (sec-A36)."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from weasyprint import HTML

from portal.rules.exports import marks_in
from portal.rules.roles import Role
from portal.services import export_locks, export_machine, export_marks, export_tracing
from portal.services.export_tracing import Traced, trace
from tests.make import Make

WORDS = "五月体检，交社区医院"
LOCK = "k7pm-3xqd-w9ht"


@dataclass
class Leak:
    """A roster of 60 that was fetched, one without numbers in full, and one of another class."""

    full: bytes
    masked: bytes
    other: bytes


@pytest.fixture
def leak(make: Make) -> Leak:
    class_, other = make.class_(), make.class_(code="2020107", name="六年级（7）班")
    for n in range(60):
        make.pupil(class_, class_seat_number=str(n + 1))
    for _ in range(3):
        make.pupil(other)
    actor = make.actor(Role.REGISTRAR, make.school())
    wanted = ((class_, True), (class_, False), (other, True))
    return Leak(*(export_machine.roster(actor, place, WORDS, numbers, None)[1] for place, numbers in wanted))


def first(traced: Traced) -> tuple[int, list[str], float]:
    best = traced.candidates[0]
    return best.export.number, best.how, best.share


def saved_anew(data: bytes) -> bytes:
    book, out = load_workbook(io.BytesIO(data)), io.BytesIO()
    book.save(out)
    return out.getvalue()


def without_marks(data: bytes, rows: int) -> bytes:
    """Some rows in a new workbook, as somebody would copy them."""
    page = load_workbook(io.BytesIO(data)).active
    book, out = Workbook(), io.BytesIO()
    for row in list(page.iter_rows(min_row=3, values_only=True))[5 : 5 + rows]:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def as_csv(data: bytes) -> bytes:
    rows = load_workbook(io.BytesIO(without_marks(data, 50))).active.iter_rows(values_only=True)
    return "\n".join(",".join(str(cell or "") for cell in row) for row in rows).encode("gb18030")


def printed(data: bytes) -> bytes:
    """A page as it comes out of a printer driver: the head of the page, and some of the rows."""
    page = load_workbook(io.BytesIO(data)).active
    head = f"{page.oddHeader.left.text} {page.oddHeader.right.text}"
    rows = "".join(f"<tr><td>{row[5].value}<td>{row[2].value}</tr>" for row in list(page.rows)[2:8])
    style = f"<style>@page{{@top-left{{content:'{head}'}}}} body{{font-family:'Noto Sans CJK SC'}}</style>"
    return bytes(HTML(string=f"{style}<table>{rows}</table>").write_pdf())


def test_every_way_a_file_may_turn_up(app: Flask, leak: Leak) -> None:
    locked = export_locks.locked(leak.full, LOCK)
    assert first(trace(leak.full)) == (1, ["digest", "mark", "content"], 1.0)
    assert first(trace(leak.other)) == (3, ["digest", "mark", "content"], 1.0)
    assert first(trace(saved_anew(leak.full))) == (1, ["mark", "content"], 1.0)
    assert first(trace(printed(leak.full)))[:2] == (1, ["mark", "content"])
    assert first(trace(locked, LOCK))[0] == 1
    assert trace(locked).unreadable.startswith("locked")
    for way in (without_marks(leak.full, 50), as_csv(leak.full)):
        traced = trace(way)
        # both exports of the class hold these 50; of the other class not one
        assert sorted((one.export.number, one.share, one.people) for one in traced.candidates) == [
            (1, 1.0, 50), (2, 1.0, 50)
        ]  # fmt: skip
        assert traced.is_ours
    _not_ours_or_made_up()
    traced = trace(without_marks(leak.masked, 50))
    assert traced.by_names
    assert {one.export.number for one in traced.candidates if one.is_source} == {1, 2}


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"PK\x03\x04xx", "damaged workbook"), (b"%PDF-1.7 xx", "damaged PDF"), (b"\x00\xff\xfe\x01" * 9, "neither")],
)
def test_what_cannot_be_read_is_said(app: Flask, data: bytes, why: str) -> None:
    traced = trace(data)
    assert why in traced.unreadable
    assert not traced.is_ours


def _not_ours_or_made_up() -> None:
    assert trace("林某某,男,20140101\n".encode()).candidates == []
    true = export_marks.token_of(1)
    wrong = true[:-1] + ("2" if true[-1] != "2" else "3")
    traced = trace(f"{wrong} 试验市第一小学".encode())
    assert (traced.candidates, traced.forged) == ([], [wrong])
    assert first(export_tracing.trace_mark(marks_in(f"纸上写着 {true} 的"))) == (1, ["mark"], 0.0)

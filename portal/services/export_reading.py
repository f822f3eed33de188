"""What a leaked file says: its marks and its rows. Runs in a bounded child process, for the file may be anything."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import pypdfium2
from python_calamine import CalamineError, CalamineWorkbook

from portal.rules.exports import marks_in
from portal.services import export_locks
from portal.services.roster_files.refused import FileRefused
from portal.services.roster_files.zipped import Parts

MOST_ROWS = 50_000
_MOST_PAGES = 2_000
_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BETWEEN = str.maketrans(";\t|", ",,,")


class Unreadable(ValueError):
    """Nothing can be read; the text says why."""


def entry(payload: bytes, args: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """For the child: `args["password"]` opens a locked workbook. {"marks": [[number, check], …], "texts": …} and the
    rows as JSON, or {"unreadable": "why"}."""
    try:
        marks, rows = read(payload, args.get("password"))
    except Unreadable as failed:
        return {"unreadable": str(failed)}, []
    return {"marks": marks}, [json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")]


def read(data: bytes, password: str | None = None) -> tuple[list[tuple[int, str]], list[list[str]]]:
    """(marks, rows of texts) of a workbook, a PDF or a text; `Unreadable`."""
    if data.startswith(_LOCKED):
        try:
            data = export_locks.opened(data, password or "")
        except export_locks.NotOpened:
            raise Unreadable("locked: the password is missing or wrong") from None
    if data.startswith(b"PK\x03\x04"):
        return _workbook(data)
    if b"%PDF-" in data[:1024]:
        return _pdf(data)
    return _text(data)


def _workbook(data: bytes) -> tuple[list[tuple[int, str]], list[list[str]]]:
    """Marks stand in cells, in heads and feet of pages and in the properties: all parts are looked through."""
    try:
        parts = Parts(data)
        texts = [b"".join(parts.pieces(name)).decode("utf-8", "replace") for name in parts.names if _is_text(name)]
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    except (FileRefused, CalamineError) as failed:
        raise Unreadable("a damaged workbook") from failed
    cells = [[str(cell) for cell in row if cell not in ("", None)] for row in rows[:MOST_ROWS]]
    return _marks([*texts, *(cell for row in cells for cell in row)]), cells


def _is_text(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _pdf(data: bytes) -> tuple[list[tuple[int, str]], list[list[str]]]:
    try:
        with pypdfium2.PdfDocument(data) as pages:
            texts = [page.get_textpage().get_text_range() for page, _ in zip(pages, range(_MOST_PAGES), strict=False)]
            texts += pages.get_metadata_dict().values()
    except pypdfium2.PdfiumError as failed:
        raise Unreadable("a damaged PDF") from failed
    # a printer breaks a long line where it likes
    joined = ["".join(text.split()) for text in texts]
    return _marks([*texts, *joined]), _rows(line for text in texts for line in text.splitlines())


def _text(data: bytes) -> tuple[list[tuple[int, str]], list[list[str]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return _marks([text]), _rows(text.splitlines())
    raise Unreadable("neither a workbook, a PDF nor a text")


def _rows(lines: Iterable[str]) -> list[list[str]]:
    rows = (
        [cell.strip('" \u3000') for cell in line.translate(_BETWEEN).replace(" ", ",").split(",")] for line in lines
    )
    return [[cell for cell in row if cell] for row, _ in zip(rows, range(MOST_ROWS), strict=False) if any(row)]


def _marks(texts: Iterable[str]) -> list[tuple[int, str]]:
    return list(dict.fromkeys(mark for text in texts for mark in marks_in(text)))

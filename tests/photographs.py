"""Leaves and photographs for tests: a small real JPEG, stored for good, and what a reader would have seen on it."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from PIL import Image

from portal.models import Leaf, Photo, PrintRun, Sheet, db
from portal.paper.identity import leaf_symbols, leaf_token
from portal.paper.reading import InkBox, Reading
from portal.services import photos, readings

_numbers = count(1)


def jpeg(size: tuple[int, int] = (210, 297)) -> bytes:
    """A JPEG unlike every other of this run."""
    n = next(_numbers)
    out = io.BytesIO()
    Image.new("RGB", size, (n % 256, n // 256 % 256, 90)).save(out, "JPEG")
    return out.getvalue() + n.to_bytes(4, "big")


def leaf_of(sheet: Sheet, **columns: Any) -> Leaf:
    """A printed copy of a sheet; the newest is the sheet's."""
    run = PrintRun(
        round_id=sheet.round_id,
        school_id=sheet.school_id,
        path=sheet.path,
        number=next(_numbers),
        selection={"classes": [], "sheets": []},
        sheets=1,
        state="done",
    )
    leaf = Leaf(number=1000 + next(_numbers), sheet_id=sheet.id, run_id=run.id, layout_version=1, **columns)
    db.session.add(run)
    db.session.flush()
    db.session.add(leaf)
    sheet.leaf_number = leaf.number
    db.session.commit()
    return leaf


def link_of(leaf: Leaf) -> str:
    """The 11 symbols behind /s/ on page 1."""
    return leaf_symbols(leaf.number) + leaf_token(leaf.number, photos.paper_key())


def seen(leaf: Leaf | None, **facts: Any) -> Reading:
    """What a reader sees on a good photo of page 1; `written` are item codes with ink, `ticked` item -> options."""
    written, ticked = facts.pop("written", ()), facts.pop("ticked", {})
    flat = jpeg((210, 297)) if facts.pop("flat", leaf is not None) else None
    base: dict[str, Any] = {
        "verdict": "readable",
        "reasons": (),
        "page": 1,
        "certain": True,
        "corners": 4,
        "signed": True,
    }
    base["ink"] = {item: InkBox("written", 0.9, tuple(ticked.get(item, ()))) for item in (*written, *ticked)}
    base["crops"] = {item: jpeg((90, 24)) for item in written}
    return Reading(**(base | {"leaf": leaf.number if leaf else None, "flat_jpeg": flat} | facts))


def arrive(sheet: Sheet, leaf: Leaf | None, source: str = "family", **facts: Any) -> Photo:
    """A photo sent for a sheet and read."""
    photo = photos.receive(sheet, jpeg(), photos.Sender(source))
    return readings.keep(photo, seen(leaf, **facts))

"""The geometry of the printed sheet: one description for printer and reader, in millimetres from the top left corner.

Every version that was ever printed stays as a data file in `layouts/`, so that older leaves stay readable and readers
never need the layout engine. `portal.paper.form.measure` takes the newest one from the laid-out form.
"""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

VERSION = 1
"""The version that is printed now."""

Kind = Literal["value", "change", "tick", "signature", "date"]

_FOLDER = Path(__file__).parent / "layouts"


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the six marks of a page; its place in `Page.marks` is its position 0-5 in the code word."""

    x_mm: float
    y_mm: float
    size_mm: float


@dataclass(frozen=True, slots=True)
class Square:
    """Where a QR stands, without its quiet zone."""

    x_mm: float
    y_mm: float
    size_mm: float


@dataclass(frozen=True, slots=True)
class Box:
    """One box inside its rules. Item is an item code, or parent_signature and signed_on.

    Each item has one `value` and one `change` box; a `tick` lies inside the change box of its item and its option is
    the code it stands for ("1", "0") or "same" (same as the present address).
    """

    item: str
    kind: Kind
    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float
    option: str | None = None

    @property
    def right_mm(self) -> float:
        return self.x_mm + self.w_mm

    @property
    def bottom_mm(self) -> float:
        return self.y_mm + self.h_mm


@dataclass(frozen=True, slots=True)
class Page:
    """One side of the leaf; the marks from left to right, first the three at the top, then the three at the bottom."""

    page: int
    width_mm: float
    height_mm: float
    marks: tuple[Mark, ...]
    qr: Square
    boxes: tuple[Box, ...]

    def box(self, item: str, kind: Kind, option: str | None = None) -> Box:
        """The one box of an item; KeyError when there is none."""
        for box in self.boxes:
            if (box.item, box.kind, box.option) == (item, kind, option):
                return box
        raise KeyError((item, kind, option))


@dataclass(frozen=True, slots=True)
class Layout:
    """Both pages of one version."""

    version: int
    pages: tuple[Page, ...]

    def page(self, number: int) -> Page:
        return self.pages[number - 1]


def current() -> Layout:
    """The layout that is printed now."""
    return by_version(VERSION)


@cache
def by_version(version: int) -> Layout:
    """A layout that was printed once; LookupError for a version that never was."""
    path = _FOLDER / f"v{int(version)}.json"
    if not path.is_file():
        raise LookupError(f"no layout version {version}")
    return from_json(json.loads(path.read_text(encoding="utf-8")))


def as_json(layout: Layout) -> dict[str, Any]:
    """The layout in the shape of `portal sheets layout --json`; a tick is a change box with an "option"."""
    return {"version": layout.version, "pages": [_page_as_json(page) for page in layout.pages]}


def from_json(data: dict[str, Any]) -> Layout:
    """The inverse of `as_json`."""
    return Layout(version=data["version"], pages=tuple(_page_from_json(page) for page in data["pages"]))


def _page_as_json(page: Page) -> dict[str, Any]:
    return {
        "page": page.page,
        "width_mm": page.width_mm,
        "height_mm": page.height_mm,
        "marks": [asdict(mark) for mark in page.marks],
        "qr": asdict(page.qr),
        "boxes": [_box_as_json(box) for box in page.boxes],
    }


def _box_as_json(box: Box) -> dict[str, Any]:
    data = asdict(box)
    if box.option is None:
        del data["option"]
    if box.kind == "tick":
        data["kind"] = "change"
    return data


def _page_from_json(data: dict[str, Any]) -> Page:
    return Page(
        page=data["page"],
        width_mm=data["width_mm"],
        height_mm=data["height_mm"],
        marks=tuple(Mark(**mark) for mark in data["marks"]),
        qr=Square(**data["qr"]),
        boxes=tuple(Box(**(box | {"kind": "tick"} if "option" in box else box)) for box in data["boxes"]),
    )

"""The blank form: one HTML/CSS template laid out once a run; the places of its boxes come from the laid-out tree."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import weasyprint
from markupsafe import escape

from portal.paper.content import Run
from portal.paper.form_rows import SECTIONS, numbers
from portal.paper.layout import VERSION, Box, Layout, Mark, Page, Square
from portal.paper.slots import Slot
from portal.paper.templates import render

_MM_PER_PX = 25.4 / 96
_RUN_SIZE = 6.8
_RUN_WIDTH = 350
"""Type size of the line about the run and the room it has, in points."""

_SAMPLE = Run("", "", "", "", "https://example.org", "", "", "")


@dataclass(frozen=True, slots=True)
class BlankForm:
    """Both pages without a pupil as PDF, their geometry, and the slots by name."""

    pdf: bytes
    layout: Layout
    slots: dict[str, Slot]


def blank_form(run: Run) -> BlankForm:
    """Lay the form out for a run."""
    document = _lay_out(run)
    pages = [page._page_box for page in document.pages]
    return BlankForm(document.write_pdf(), _layout(pages), _slots(pages))


def measure() -> tuple[Layout, dict[str, Slot]]:
    """The geometry of the form as it is laid out now, and where the texts of head and foot go."""
    pages = [page._page_box for page in _lay_out(_SAMPLE).pages]
    return _layout(pages), _slots(pages)


def _lay_out(run: Run) -> weasyprint.Document:
    lines = [_run_line(run, page) for page in (1, 2)]
    html = render(
        "sheet.html",
        run=run,
        run_line=lines,
        run_size=min(_RUN_SIZE, _RUN_WIDTH / _ems(lines[0])),
        sections=SECTIONS,
        number=numbers(),
        watermark=_watermark(run.watermark),
    )
    return weasyprint.HTML(string=html).render()


def _run_line(run: Run, page: int) -> str:
    parts = (run.round_title, f"第 {page} 页，共 2 页", f"打印批次 {run.number}", run.printed_at, run.printed_by)
    return "　".join(part for part in parts if part)


def _ems(words: str) -> float:
    """Roughly how wide words are, in type sizes."""
    return sum(0.6 if sign.isascii() else 1 for sign in words)


def _watermark(words: str) -> str:
    """A tile of light slanted words as a data address; change boxes stay white above it."""
    width = round(6.4 * _ems(words)) + 12
    text = f'font-family="Noto Sans CJK SC" font-size="6.4" fill="#e6e6e6">{escape(words)}</text>'
    tile = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}px" height="20px">'
        f'<text x="2" y="8" {text}<text x="{2 - width / 2}" y="18" {text}<text x="{2 + width / 2}" y="18" {text}</svg>'
    )
    return "data:image/svg+xml;base64," + b64encode(tile.encode()).decode()


def _layout(pages: list[Any]) -> Layout:
    return Layout(VERSION, tuple(_page(number, page) for number, page in enumerate(pages, start=1)))


def _page(number: int, page: Any) -> Page:
    marks, squares, boxes = [], [], []
    for box, element in _tagged(page, "data-kind"):
        x, y, width, height = _inside(box)
        kind, item = element.get("data-kind"), element.get("data-item")
        if kind == "mark":
            marks.append(Mark(x, y, width))
        elif kind == "qr":
            squares.append(Square(x, y, width))
        else:
            boxes.append(Box(item, kind, x, y, width, height, element.get("data-option")))
    marks.sort(key=lambda mark: (mark.y_mm, mark.x_mm))
    return Page(
        page=number,
        width_mm=round(page.width * _MM_PER_PX, 2),
        height_mm=round(page.height * _MM_PER_PX, 2),
        marks=tuple(marks),
        qr=squares[0],
        boxes=tuple(boxes),
    )


def _slots(pages: list[Any]) -> dict[str, Slot]:
    slots = {}
    for number, page in enumerate(pages, start=1):
        for box, element in _tagged(page, "data-slot"):
            slots[element.get("data-slot")] = Slot(number, *_inside(box), float(element.get("data-size")))
    return slots


def _tagged(page: Any, attribute: str) -> Iterator[tuple[Any, Any]]:
    """The laid-out boxes whose element carries an attribute, with the element, each element once."""
    seen = set()
    waiting = [page]
    while waiting:
        box = waiting.pop(0)
        waiting[:0] = getattr(box, "children", ())
        element = getattr(box, "element", None)
        if element is not None and element.get(attribute) and id(element) not in seen:
            seen.add(id(element))
            yield box, element


def _inside(box: Any) -> tuple[float, float, float, float]:
    """The box inside its rules: x, y, width and height in millimetres."""
    sides = (box.padding_box_x(), box.padding_box_y(), box.padding_width(), box.padding_height())
    x, y, width, height = (round(side * _MM_PER_PX, 2) for side in sides)
    return x, y, width, height

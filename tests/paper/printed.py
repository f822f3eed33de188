"""Made-up sheets to print: one pupil with a value in every item, and what a printed page looks like to a reader."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy
import pypdfium2

from portal.paper.content import PrintReport, Run, SheetData
from portal.paper.identity import PaperKey
from portal.paper.layout import Box
from portal.paper.printing import print_sheets
from portal.rules.items import PARENT_ITEMS

KEY = PaperKey(b"a key of the tests, never of a school")
RUN = Run(
    number="000123",
    printed_at="2027-04-12 09:30",
    printed_by="王试",
    round_title="2027 年度学籍核查",
    base_url="https://xj.example.cn",
    school_phone="010-00000000",
    deadline="6 月 5 日",
    watermark="试验市第一小学 000123",
)
DOTS = 200 / 25.4
CODE = "R7K3M9QXD2FWA5TC"

_WORDS = "林陈黄张吴李王刘蔡杨许郑谢洪郭邱曾廖赖徐周叶苏庄吕江何罗高潘简朱"
_LONG = {"id_number", "guardian1_id_number", "guardian2_id_number"}


def values() -> dict[str, str]:
    """A short text of its own for every item, so that each can be found again in the PDF."""
    texts = {item: f"{_WORDS[at % 32]}{_WORDS[at // 32]}{at:02}" for at, item in enumerate(PARENT_ITEMS)}
    for at, item in enumerate(sorted(_LONG)):
        texts[item] = f"99010120140312{at:04}"
    return texts


def sheet(leaf: int = 123, **changed: Any) -> SheetData:
    """One leaf; `values` given here replace some of the made-up ones."""
    texts = values() | changed.pop("values", {})
    fields: dict[str, Any] = {
        "leaf": leaf,
        "student_number": "G990101201403120157",
        "school_name": "试验市第一小学",
        "school_code": "2199000001",
        "class_label": "小学六年级 2020106 班",
        "seat": "07",
        "registration_code": CODE,
    }
    return SheetData(values=texts, **(fields | changed))


def print_to_bytes(*sheets: SheetData, run: Run = RUN, **options: Any) -> tuple[bytes, PrintReport]:
    """The PDF and the report."""
    out = BytesIO()
    report = print_sheets(sheets, run, out, KEY, **options)
    return out.getvalue(), report


def picture(pdf: bytes, page: int) -> numpy.ndarray:
    """A page in grey at `DOTS` to the millimetre."""
    with pypdfium2.PdfDocument(pdf) as document:
        return document[page].render(scale=DOTS * 25.4 / 72, grayscale=True).to_numpy().squeeze().copy()


def part(page: numpy.ndarray, box: Box) -> numpy.ndarray:
    """What is inside a box of a picture, a little off its rules."""
    top, left = round(box.y_mm * DOTS) + 2, round(box.x_mm * DOTS) + 2
    return page[top : round(box.bottom_mm * DOTS) - 2, left : round(box.right_mm * DOTS) - 2]


def text(pdf: bytes, page: int) -> str:
    """All text of a page, without blanks and line breaks."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(document[page].get_textpage().get_text_range().split())

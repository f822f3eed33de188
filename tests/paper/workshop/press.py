"""Printed pages for the workshop: made-up pupils through the real printer, rasterised."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO

import numpy as np
import pypdfium2

from portal.paper import layout
from portal.paper.content import Run, SheetData
from portal.paper.identity import PaperKey
from portal.paper.printing import print_sheets
from portal.rules.items import ITEMS

KEY = PaperKey(b"the paper key of the workshop")
OTHER_KEY = PaperKey(b"the paper key of another deployment")
RUN = Run(
    number="000123",
    printed_at="2027-04-12 09:30",
    printed_by="教务处 01",
    round_title="2027 年度学籍核查",
    base_url="https://check.example.cn",
    school_phone="010-00000000",
    deadline="6 月 5 日",
    watermark="试验市第一小学 000123",
)
_WORDS = "汉族男女父亲母亲走读就近入学正常健康良好群众非农业户口试验一区和平小区三栋二单元居民身份证步行中国否是"


def sheet(leaf: int) -> SheetData:
    """A made-up pupil; everything follows from the leaf number."""
    rng = np.random.default_rng([leaf, 5])
    values = {}
    for box in layout.current().page(1).boxes:
        if box.kind == "value" and rng.random() < 0.9:
            values[box.item] = _value(ITEMS[box.item].max_len or 8, box.w_mm, rng)
    doubts = frozenset(str(item) for item in rng.choice(sorted(values), 3, replace=False))
    return SheetData(
        leaf=leaf,
        student_number="G" + "".join(str(d) for d in rng.integers(0, 10, 18)),
        values=values,
        school_name="试验市第一小学",
        school_code="2199000001",
        class_label="小学六年级 2020106 班",
        seat=f"{int(rng.integers(1, 56)):02}",
        registration_code="R123456ABCDEFGHX",
        doubts=doubts,
    )


def _value(most: int, width_mm: float, rng: np.random.Generator) -> str:
    count = int(min(most, max(1, rng.integers(1, max(2, int(width_mm / 2.2))))))
    if rng.random() < 0.45:
        return "".join(str(digit) for digit in rng.integers(0, 10, count))
    return "".join(_WORDS[int(at)] for at in rng.integers(0, len(_WORDS), max(1, count // 2)))


def pages(leaves: list[int], key: PaperKey = KEY, dpi: int = 300) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Front and back (BGR) of each of these leaves, as printed."""
    file = BytesIO()
    print_sheets([sheet(leaf) for leaf in leaves], RUN, file, key)
    document = pypdfium2.PdfDocument(file.getvalue())
    try:
        for number in range(len(leaves)):
            yield _drawn(document, 2 * number, dpi), _drawn(document, 2 * number + 1, dpi)
    finally:
        document.close()


def _drawn(document: pypdfium2.PdfDocument, number: int, dpi: int) -> np.ndarray:
    page = document[number]
    pixels = page.render(scale=dpi / 72).to_numpy()[:, :, :3].copy()
    page.close()
    return pixels


@cache
def page(leaf: int, key: PaperKey = KEY) -> np.ndarray:
    """The front of one leaf at 300 dpi (BGR)."""
    return next(pages([leaf], key))[0]

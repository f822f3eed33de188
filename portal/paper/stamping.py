"""One pupil's leaf as two page contents: the blank form called by name, and the pupil's texts, marks and QR on top."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.paper.content import Findings, Run, SheetData
from portal.paper.fonts import Fonts
from portal.paper.identity import PaperKey, marks_of, qr_text_back, qr_text_front
from portal.paper.layout import Box, Layout, Page
from portal.paper.marks import MODULES, mark_path, qr_path
from portal.paper.slots import Slot
from portal.paper.typesetting import LEADING, Fitted, fit, tidy
from portal.rules.numbers import grouped, leaf_text

POINTS = 72 / 25.4
VALUE_SIZE = 8.5
DOUBT_MM = 2.9
"""Size of the "please check" mark at the right end of a value box."""

_PADDING_MM = 0.9
_DOUBT_ROOM_MM = 3.3
# Ideographs reach from -0.12 to 0.88 of the type size: their middle is this far above the base line.
_MIDDLE = 0.37
_CACHED = 20_000
# Texts of the head whose cutting is reported, by the item they show; the other texts repeat an item of the form.
_REPORTED_AS = {"pupil_1": "class_no", "school": "school_name", "student_number": "student_number"}


@dataclass(frozen=True, slots=True)
class _Place:
    """A box in points from the bottom left corner."""

    left: float
    middle: float
    width: float
    height: float
    size: float


class Stamper:
    """Sets the texts of the leaves of one run; `findings` collects what had to be cut or has no glyph."""

    def __init__(self, layout: Layout, slots: Mapping[str, Slot], run: Run, key: PaperKey, fonts: Fonts) -> None:
        self._run = run
        self._key = key
        self._fonts = fonts
        self._layout = layout
        self._values = {box.item: box for box in layout.page(1).boxes if box.kind == "value"}
        self._places = {name: _slot_place(slot, layout.page(slot.page)) for name, slot in slots.items()}
        page = layout.page(1)
        self._places |= {item: _box_place(box, page, 0) for item, box in self._values.items()}
        self._doubted = {item: _box_place(box, page, _DOUBT_ROOM_MM) for item, box in self._values.items()}
        self._doubt_marks = {item: _doubt_mark(box, page) for item, box in self._values.items()}
        self._cache: dict[tuple[str, str, bool], tuple[bytes, bool, str]] = {}
        self._reported = {item: item for item in self._values} | _REPORTED_AS
        self.findings = Findings()

    def front(self, sheet: SheetData) -> bytes:
        """Content of page 1."""
        parts = [b"/P1 Do BT"]
        parts += self._texts(sheet, _head(sheet))
        parts += self._texts(sheet, {item: sheet.values.get(item, "") for item in self._values})
        parts.append(b"ET")
        parts += [self._doubt_marks[item] for item in sorted(sheet.doubts & self._values.keys())]
        text = qr_text_front(self._run.host, sheet.leaf, self._key, self._run.scheme)
        parts.append(self._squares(self._layout.page(1), sheet.leaf, text))
        return b"\n".join(parts)

    def back(self, sheet: SheetData) -> bytes:
        """Content of page 2."""
        parts = [b"/P2 Do BT", *self._texts(sheet, _back_head(sheet)), b"ET"]
        text = qr_text_back(self._run.base_url, sheet.registration_code)
        parts.append(self._squares(self._layout.page(2), sheet.leaf, text))
        return b"\n".join(parts)

    def examine(self, sheet: SheetData) -> None:
        """Only collect the findings of a leaf, print nothing."""
        self._texts(sheet, _head(sheet))
        self._texts(sheet, {item: sheet.values.get(item, "") for item in self._values})
        self._texts(sheet, _back_head(sheet))

    def _texts(self, sheet: SheetData, texts: Mapping[str, str]) -> list[bytes]:
        set_texts = []
        cache = self._cache
        for name, text in texts.items():
            if not text:
                continue
            asked = (name, text, name in sheet.doubts)
            known = cache.get(asked)
            if known is None:
                if len(cache) >= _CACHED:
                    cache.clear()
                known = cache[asked] = self._set(*asked)
            operators, is_cut, missing = known
            set_texts.append(operators)
            if is_cut and name in self._reported:
                self.findings.cut.append((sheet.student_number, self._reported[name]))
            if missing and name in self._reported and name != "pupil_1":
                self.findings.missing_glyphs.append((sheet.student_number, self._reported[name], missing))
        return set_texts

    def _set(self, name: str, text: str, doubted: bool) -> tuple[bytes, bool, str]:
        """Operators that show a text in its place, whether it had to be cut, and its characters without a glyph."""
        place = (self._doubted if doubted else self._places)[name]
        text = tidy(text)
        fitted = fit(text, place.width, place.height, place.size, self._fonts.widths.__getitem__)
        return self._operators(place, fitted), fitted.cut, self._fonts.lacks(text)

    def _operators(self, place: _Place, fitted: Fitted) -> bytes:
        size = fitted.size
        step = size * LEADING
        base = place.middle + step * (len(fitted.lines) - 1) / 2 - _MIDDLE * size
        out = []
        for line in fitted.lines:
            out.append(f"1 0 0 1 {place.left:.4g} {base:.5g} Tm{self._shown(line, size)}")
            base -= step
        return "".join(out).encode()

    def _shown(self, line: str, size: float) -> str:
        """The line with the fonts it needs."""
        return "".join(f"/F{face} {size:g} Tf<{glyphs}>Tj\n" for face, glyphs in self._fonts.shown(line))

    def _squares(self, page: Page, leaf: int, text: str) -> bytes:
        """The six marks and the QR."""
        drawn = []
        for mark, place in zip(marks_of(leaf, page.page, self._key), page.marks, strict=True):
            drawn.append(_scaled(page, place.x_mm, place.y_mm, place.size_mm, MODULES, mark_path(mark)))
        path, modules = qr_path(text)
        drawn.append(_scaled(page, page.qr.x_mm, page.qr.y_mm, page.qr.size_mm, modules, path))
        return "\n".join(drawn).encode()


def _head(sheet: SheetData) -> dict[str, str]:
    return {
        "pupil_1": _pupil(sheet),
        "leaf_1": leaf_text(sheet.leaf),
        "school": f"{sheet.school_name}（{sheet.school_code}）",
        "student_number": sheet.student_number,
    }


def _back_head(sheet: SheetData) -> dict[str, str]:
    return {
        "pupil_2": _pupil(sheet),
        "leaf_2": leaf_text(sheet.leaf),
        "registration_code": grouped(sheet.registration_code),
    }


def _pupil(sheet: SheetData) -> str:
    seat = f"　{sheet.seat} 号" if sheet.seat else ""
    return f"{sheet.values.get('name', '')}　{sheet.class_label}{seat}"


def _box_place(box: Box, page: Page, kept_free_mm: float) -> _Place:
    return _Place(
        left=(box.x_mm + _PADDING_MM) * POINTS,
        middle=(page.height_mm - box.y_mm - box.h_mm / 2) * POINTS,
        width=(box.w_mm - 2 * _PADDING_MM - kept_free_mm) * POINTS,
        height=(box.h_mm - 0.6) * POINTS,
        size=VALUE_SIZE,
    )


def _slot_place(slot: Slot, page: Page) -> _Place:
    middle = (page.height_mm - slot.y_mm - slot.h_mm / 2) * POINTS
    return _Place(slot.x_mm * POINTS, middle, slot.w_mm * POINTS, slot.h_mm * POINTS, slot.size)


def _doubt_mark(box: Box, page: Page) -> bytes:
    x = (box.right_mm - DOUBT_MM - 0.5) * POINTS
    y = (page.height_mm - box.y_mm - box.h_mm / 2 - DOUBT_MM / 2) * POINTS
    return f"q 1 0 0 1 {x:.2f} {y:.2f} cm/D Do Q".encode()


def _scaled(page: Page, x_mm: float, y_mm: float, size_mm: float, modules: int, path: str) -> str:
    scale = size_mm * POINTS / modules
    x, y = x_mm * POINTS, (page.height_mm - y_mm - size_mm) * POINTS
    return f"q {scale:.5f} 0 0 {scale:.5f} {x:.3f} {y:.3f} cm {path} Q"

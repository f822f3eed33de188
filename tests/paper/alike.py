"""Printed pages seen by two renderers that share no code, and read back: `python -m tests.paper.alike 2000 200`."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy
import pypdfium2

from portal.paper import reading
from portal.paper.printing import print_sheets
from portal.rules.numbers import leaf_text
from tests.paper.printed import KEY, RUN, sheet

#: six pixels to a millimetre, a hair less, so that neither renderer rounds up to one pixel more and stretches the page
DPI = 152.39
#: pictures are compared as from a step back, because two renderers smooth the edge of a stroke each in its own way:
#: blurred by so many pixels, then in squares of one millimetre; 255 is the whole way from white to black
BLUR, SQUARE = 4, 6
#: two renderers differ by 20 on the same page, by 38 to 90 where a character is missing or another one
ALIKE = 30.0
_SURNAMES = "林陈黄张吴李王刘蔡杨许郑谢洪郭邱曾廖赖徐周叶苏庄吕江何罗高潘简朱"


@dataclass(frozen=True)
class Seen:
    """One page: how far the renderers are apart in the worst square and on average, and what it read back to."""

    page: int
    worst: float
    mean: float
    fault: str


def leaf_at(number: int) -> int:
    """The leaf of the nth pupil."""
    return number * 104_729 % (1 << 28)


def name_at(number: int) -> str:
    """The name of the nth pupil, unlike every other."""
    return f"{_SURNAMES[number % 32]}{_SURNAMES[number // 32 % 32]}{number:04}"


def pupils(count: int) -> Iterator[Any]:
    """Pupils with names and numbers of their own; every tenth with long values, every seventh with doubts."""
    for number in range(count):
        long = {"current_address": "试验省试验市试验一区和平路" * 6, "native_place": "试验省试验市试验一区"}
        yield sheet(
            leaf_at(number),
            student_number=f"G9901012014{number:08}",
            seat=f"{number % 45 + 1:02}",
            values={"name": name_at(number), **(long if number % 10 == 0 else {})},
            doubts=frozenset({"phone", "id_number"}) if number % 7 == 0 else frozenset(),
        )


def printed(folder: Path, count: int) -> Path:
    """A file of so many leaves."""
    path = folder / "run.pdf"
    with path.open("wb") as out:
        print_sheets(pupils(count), RUN, out, KEY)
    return path


def by_pdfium(document: pypdfium2.PdfDocument, page: int) -> numpy.ndarray:
    """A page (from 0) in grey."""
    return document[page].render(scale=DPI / 72, grayscale=True).to_numpy().squeeze().copy()


def by_poppler(path: Path, page: int) -> numpy.ndarray:
    """A page (from 0) in grey."""
    number = str(page + 1)
    command = ["pdftoppm", "-gray", "-r", str(DPI), "-f", number, "-l", number, str(path)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b"", done.stderr.decode(errors="replace")
    picture = cv2.imdecode(numpy.frombuffer(done.stdout, numpy.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return picture


def apart(one: numpy.ndarray, other: numpy.ndarray) -> tuple[float, float]:
    """(in the worst square, on average): how far two pictures of a page are apart, 0 to 255."""
    assert one.shape == other.shape, (one.shape, other.shape)
    height, width = one.shape
    small = [
        cv2.resize(
            cv2.GaussianBlur(seen, (0, 0), BLUR), (width // SQUARE, height // SQUARE), interpolation=cv2.INTER_AREA
        )
        for seen in (one, other)
    ]
    difference = cv2.absdiff(small[0], small[1])
    return float(difference.max()), float(difference.mean())


def look(path: Path, page: int) -> Seen:
    """Both renderers on one page (from 0), and what the readers make of it."""
    with pypdfium2.PdfDocument(path) as document:
        one, words = by_pdfium(document, page), document[page].get_textpage().get_text_range()
    other = by_poppler(path, page)
    worst, mean = apart(one, other)
    faults = [_fault(picture, page, words) for picture in (one, other)]
    return Seen(page, worst, mean, " ".join(fault for fault in faults if fault))


def _fault(picture: numpy.ndarray, page: int, words: str) -> str:
    """What is wrong with the way back to the pupil; empty when nothing is."""
    leaf, side = leaf_at(page // 2), page % 2 + 1
    done, data = cv2.imencode(".png", picture)
    assert done
    seen = reading.read(data.tobytes(), KEY)
    faults = []
    if (seen.leaf, seen.page, seen.certain, seen.marks_found) != (leaf, side, True, 6):
        faults.append(f"leaf {seen.leaf} page {seen.page} with {seen.marks_found} marks")
    if side == 1 and (seen.written or seen.verdict != "readable"):
        faults.append(f"{seen.verdict} {seen.reasons} {seen.written}")
    if leaf_text(leaf) not in words or name_at(page // 2) not in words:
        faults.append("other texts")
    return ", ".join(faults)


def sample(count: int, pages: int) -> list[int]:
    """So many different pages (from 0) of a file of `count` leaves, always the same ones."""
    return sorted(random.Random(20).sample(range(2 * count), pages))


def main() -> None:
    count, pages = int(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        path = printed(Path(folder), count)
        begun = time.perf_counter()
        seen = [look(path, page) for page in sample(count, pages)]
    figures = {
        "sheets": count,
        "pages": pages,
        "worst_square": round(max(one.worst for one in seen), 1),
        "mean": round(sum(one.mean for one in seen) / pages, 3),
        "not_alike": [one.page + 1 for one in seen if one.worst > ALIKE],
        "not_read_back": {one.page + 1: one.fault for one in seen if one.fault},
        "seconds": round(time.perf_counter() - begun, 1),
    }
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

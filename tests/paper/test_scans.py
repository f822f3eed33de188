"""Files of scans: each page a picture, what cannot be drawn is left out, and what is no such file is said."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from portal.paper import identity, reading, scans
from portal.paper.bounds import is_scans
from tests.paper.workshop import press

GREYS = (40, 120, 200)


def pictures() -> list[Image.Image]:
    return [Image.new("RGB", (330, 470), (grey, grey, grey)) for grey in GREYS]


def pdf() -> bytes:
    out, (first, *rest) = io.BytesIO(), pictures()
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=100)
    return out.getvalue()


def tiff(**options: object) -> bytes:
    out, (first, *rest) = io.BytesIO(), pictures()
    first.save(out, "TIFF", save_all=True, append_images=rest, **options)
    return out.getvalue()


def grey(jpeg: bytes) -> int:
    return round(float(np.mean(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE))))


@pytest.mark.parametrize("data", [pdf(), tiff(), tiff(compression="jpeg")], ids=["pdf", "tiff", "tiff of jpegs"])
def test_pages_come_a_few_at_a_time_and_always_alike(data: bytes) -> None:
    assert is_scans(data)
    told, pages = scans.entry(data, {"pages": [0, 2]})
    again, last = scans.entry(data, {"pages": [2, 2]})
    assert (told, again) == ({"pages": 3}, {"pages": 3})
    assert np.allclose([grey(page) for page in (*pages, *last)], GREYS, atol=3)
    assert scans.entry(data, {"pages": [0, 2]})[1] == pages


@pytest.mark.parametrize("data", [b"%PDF-1.7 nothing", b"II*\x00nothing", b"MM\x00*", b"%PDF-" + b"\x00" * 9000])
def test_what_cannot_be_opened_has_no_pages(data: bytes) -> None:
    assert is_scans(data)
    assert scans.entry(data, {"pages": [0, 5]}) == ({"pages": 0}, [])


def test_pages_are_drawn_small_enough() -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(14_000, 14_000)
    out = io.BytesIO()
    document.save(out)
    [page] = scans.entry(out.getvalue(), {"pages": [0, 1]})[1]
    assert max(cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_GRAYSCALE).shape) <= scans.LONGEST_PX


def test_a_reading_process_draws_pages_too() -> None:
    assert reading.entry(pdf(), {"pages": [1, 1]})[0] == {"pages": 3}


def test_leaves_that_fit_more_marks_come_first() -> None:
    leaves = [1_000_000 + n for n in range(40)]
    marks = identity.marks_of(leaves[7], 1, press.KEY)
    other = identity.marks_of(leaves[9], 1, press.KEY)
    found = identity.likely({0: marks[0], 4: marks[4], 5: other[5]}, press.KEY, leaves)
    assert found[:2] == (leaves[7], leaves[9])
    assert identity.likely({0: marks[0]}, press.KEY, []) == ()
    assert identity.likely({9: marks[0]}, press.KEY, leaves) == ()

"""Photographs of printed sheets are read right: the pupil's leaf, what was written and ticked, the signature."""

import json

import cv2
import numpy as np
import pytest

from portal.paper import layout, reading
from portal.paper.crops import PAGE_BYTES
from portal.paper.reading import Reading
from tests.paper import photographed as photos
from tests.paper import workshop
from tests.paper.workshop import press

WRITING = {"name": "张三", "id_number": "990101201403120157", "current_address": "和平小区5栋301", "only_child": "=1"}


def _read(data: bytes, expect: frozenset[int] = frozenset()) -> Reading:
    return reading.read(data, press.KEY, expect=expect)


@pytest.fixture(scope="module")
def written() -> Reading:
    page = workshop.write_on(photos.front(0), 5, WRITING, signed=True, kinds=(0,))
    return _read(photos.scan(page))


def test_a_scan_of_an_untouched_sheet_is_empty_and_unsigned() -> None:
    seen = _read(photos.scan(photos.front(1)))
    assert (seen.verdict, seen.leaf, seen.page, seen.certain) == ("readable", photos.LEAVES[1], 1, True)
    assert (seen.corners, seen.marks_found, seen.qr) == (4, 6, True)
    assert seen.written == ()
    assert seen.signed is False
    assert seen.crops == {}


def test_what_was_written_is_found_and_nothing_else(written: Reading) -> None:
    assert set(written.written) == set(WRITING)
    assert all(written.ink[item].state == "written" for item in WRITING)
    assert written.signed is True


def test_a_tick_names_its_option(written: Reading) -> None:
    assert written.ink["only_child"].ticked == ("1",)
    assert written.ink["name"].ticked == ()


def test_every_written_box_has_a_crop_of_its_own_size(written: Reading) -> None:
    assert set(written.crops) == set(WRITING)
    picture = cv2.imdecode(np.frombuffer(written.crops["current_address"], np.uint8), cv2.IMREAD_COLOR)
    box = layout.current().page(1).box("current_address", "change")
    assert picture.shape[1] / picture.shape[0] == pytest.approx((box.w_mm + 3) / (box.h_mm + 3), rel=0.05)


def test_the_flat_page_is_upright_and_bounded(written: Reading) -> None:
    assert written.flattened
    assert written.flat_jpeg is not None
    assert len(written.flat_jpeg) <= PAGE_BYTES
    flat = cv2.imdecode(np.frombuffer(written.flat_jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert flat.shape == (1782, 1260)
    as_printed = cv2.cvtColor(
        cv2.resize(photos.front(0), (1260, 1782), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY
    )
    head = (slice(30, 200), slice(100, 860))
    assert np.corrcoef(flat[head].ravel(), as_printed[head].ravel())[0, 1] > 0.9


@pytest.mark.parametrize("seed", range(100, 108))
def test_typical_photos_are_read_right(seed: int) -> None:
    number = seed % 4
    data, truth = workshop.photograph(photos.front(number), seed, signed=seed % 3 > 0, leaf=photos.LEAVES[number])
    seen = _read(data)
    assert (seen.leaf, seen.page, seen.certain) == (truth.leaf, 1, True)
    assert (seen.verdict == "readable") == (not truth.retake)
    if not truth.retake:
        assert truth.written <= set(seen.written)
        assert len(set(seen.written) - truth.written) <= 1
        assert seen.signed == truth.signed


@pytest.mark.parametrize(
    ("condition", "seed"),
    [
        (name, seed)
        for name in ("hard", "turned", "lost_corner", "curled", "folded", "pile", "stamped")
        for seed in (1, 2)
    ],
)
def test_harder_photos_name_the_right_leaf(condition: str, seed: int) -> None:
    data, truth = workshop.photograph(photos.front(seed), seed, condition=condition, leaf=photos.LEAVES[seed])
    seen = _read(data, photos.CLASS)
    assert (seen.leaf, seen.certain) == (truth.leaf, True)


@pytest.mark.parametrize("turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE])
def test_a_page_lying_on_its_side_is_turned_by_its_marks(turn: int) -> None:
    seen = _read(photos.jpeg(cv2.rotate(photos.front(2), turn)))
    assert (seen.verdict, seen.leaf) == ("readable", photos.LEAVES[2])


def test_a_reading_goes_through_json_and_blobs(written: Reading) -> None:
    plain, blobs = written.to_entry()
    assert Reading.from_entry(json.loads(json.dumps(plain)), blobs) == written


def test_the_child_entry_reads_the_same() -> None:
    data = photos.scan(photos.front(3))
    plain, blobs = reading.entry(data, {"key": press.KEY.secret.hex(), "expect": [1, 2]})
    seen = Reading.from_entry(json.loads(json.dumps(plain)), blobs)
    assert (seen.verdict, seen.leaf, seen.version) == ("readable", photos.LEAVES[3], layout.VERSION)
    assert seen.flat_jpeg == _read(data).flat_jpeg

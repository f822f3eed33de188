"""What looks like writing and is none, what looks covered and is not, and the other way round."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from portal.paper import align, belong, edges, layout, quality, reading
from portal.paper.bend import Bend
from portal.paper.blank import FLAT_DOTS
from portal.paper.layout import Box
from portal.paper.reading import Reading
from tests.paper import photographed as photos
from tests.paper.workshop import clutter, pens, press
from tests.paper.workshop.scene import Scene

FRONT = layout.current().page(1)
FRONT_PIXELS = (round(FRONT.height_mm * FLAT_DOTS), round(FRONT.width_mm * FLAT_DOTS))
BLACK, FELT = pens.PENS[0], pens.PENS[9]


def _sheet(number: int = 1) -> pens.Sheet:
    page = photos.front(number)
    return pens.Sheet(page, page.shape[1] / FRONT.width_mm, np.random.default_rng(3))


def _read(page: np.ndarray) -> Reading:
    return reading.read(photos.scan(page), press.KEY)


def _frame(box: Box) -> tuple[float, float, float, float]:
    return box.x_mm, box.y_mm, box.w_mm, box.h_mm


def _ticks_with_a_box_above() -> list[tuple[Box, Box]]:
    """Squares to tick, with the change box above the one they are in."""
    changes = [box for box in FRONT.boxes if box.kind == "change"]
    found = []
    for tick in (box for box in FRONT.boxes if box.kind == "tick"):
        own = FRONT.box(tick.item, "change")
        found += [
            (tick, box)
            for box in changes
            if box.x_mm - 1 < tick.x_mm and tick.right_mm + 3 < box.right_mm and 0 <= own.y_mm - box.bottom_mm < 1
        ]
    return found


def _tick(sheet: pens.Sheet, tick: Box, up_mm: float) -> None:
    """A tick whose long stroke slants up to so far above the upper rule of its box."""
    x, y, top = tick.x_mm, tick.y_mm, FRONT.box(tick.item, "change").y_mm
    long = [(x + 0.4, y + 2.6), (x + 0.4 + 1.2 * (y + 2.6 - top + up_mm), top - up_mm)]
    sheet.strokes([np.array([(x - 0.3, y + 1.6), (x + 0.4, y + 2.6)]), np.array(long)], BLACK)


@pytest.mark.parametrize("number", [0, 3, 6])
def test_a_tick_that_runs_over_the_rule_is_no_writing_in_the_box_above(number: int) -> None:
    tick, _ = _ticks_with_a_box_above()[number]
    sheet = _sheet()
    _tick(sheet, tick, 2.4)
    seen = _read(sheet.pixels)
    assert seen.written == (tick.item,)
    assert seen.ink[tick.item].ticked == (tick.option,)


@pytest.mark.parametrize(("ticked", "boxes"), [(True, 2), (False, 1)])
def test_a_tick_that_hangs_on_the_writing_above_is_still_a_tick(ticked: bool, boxes: int) -> None:
    tick, above = _ticks_with_a_box_above()[0]
    own = FRONT.box(tick.item, "change")
    x = tick.x_mm + 1.5 if ticked else tick.x_mm - 4
    places = [(above.y_mm + 1, above.bottom_mm - 0.5, 30), (own.y_mm + 0.5, own.y_mm + 0.6 * own.h_mm, 4)]
    ink = np.zeros(FRONT_PIXELS, np.uint8)
    for top, bottom, wide in places:
        ink[round(top * FLAT_DOTS) : round(bottom * FLAT_DOTS), round(x * FLAT_DOTS) :][:, :wide] = 1
    rows, columns = np.nonzero(ink)
    number = {box.item: at for at, box in enumerate(edges.watched(layout.VERSION))}
    of = np.where(rows < own.y_mm * FLAT_DOTS, number[above.item], number[tick.item])
    found = belong.Strokes(rows, columns, of, np.full(len(rows), 1 / FLAT_DOTS**2))
    one = np.ones(len(rows), int)
    assert len(set(of[belong.own(found, one, one, layout.VERSION)])) == boxes


@pytest.mark.parametrize("place", [(75.0, 283.0), (100.0, 286.0), (60.0, 150.0)])
def test_a_stamp_is_no_writing_even_where_it_runs_off_the_page_or_over_a_mark(place: tuple[float, float]) -> None:
    sheet = _sheet()
    scene = Scene(stamps=((*place, 20.0),))
    clutter.stamp(sheet.pixels, sheet.dots, scene, np.random.default_rng(5))
    seen = _read(sheet.pixels)
    assert (seen.verdict, seen.written, seen.signed) == ("readable", (), False)


@pytest.mark.parametrize(("written", "reasons"), [(True, []), (False, ["covered"])])
def test_rules_that_writing_hides_cover_nothing(written: bool, reasons: list[str]) -> None:
    box, sheet = FRONT.box("guardian2_id_doc_type", "change"), _sheet()
    if written:
        pens.write_text(sheet, "796201", _frame(box), FELT)
    flat = align.flatten(
        cv2.convertScaleAbs(sheet.pixels, alpha=0.85), np.diag([sheet.dots, sheet.dots, 1.0]), Bend.none(), FRONT
    )
    known = edges.pieces(layout.VERSION)
    here = (np.abs(known.middles - (box.x_mm + 10, box.y_mm + box.h_mm / 2)) < (8, 5)).all(1) & (known.sides < 2)
    here &= np.array([edges.watched(layout.VERSION)[number].item == box.item for number in known.boxes])
    seen = edges.Edges(known, np.where(here, 0.0, 1.0), np.zeros(len(here)))
    assert quality.hidden(flat, seen, layout.VERSION)[1] == reasons


def test_a_finger_along_the_rule_between_two_boxes_covers_both() -> None:
    upper, lower = FRONT.box("current_address", "change"), FRONT.box("mailing_address", "change")
    page = photos.front(1).copy()
    dots = page.shape[1] / FRONT.width_mm
    start = (int(upper.right_mm * dots), int(upper.bottom_mm * dots))
    end = (int((upper.right_mm - 0.33 * upper.w_mm) * dots), start[1])
    cv2.line(page, start, end, (128, 158, 206), int(1.3 * lower.h_mm * dots))
    seen = _read(page)
    assert (seen.verdict, seen.reasons) == ("retake", ("covered",))


def test_a_page_is_looked_at_again_where_both_rules_of_one_box_are_not_seen() -> None:
    known = edges.pieces(layout.VERSION)
    count = len(known.sides)
    good = edges.Edges(known, np.ones(count), np.zeros(count))
    assert not good.is_loose
    box = int(known.boxes[known.sides == 0][0])
    upper, lower = known.columns
    hidden = np.ones(count)
    these = np.flatnonzero(known.boxes[upper] == box)[:2]
    hidden[upper[these]] = hidden[lower[these]] = 0.0
    assert replace(good, clear=hidden).is_loose

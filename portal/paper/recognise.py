"""Which leaf a photo shows: marks, QR and what the uploader may send, weighed so that a wrong pupil is never named."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np

from portal.paper import find, identity, place
from portal.paper.find import Mark
from portal.paper.identity import Identity, PaperKey
from portal.paper.layout import Page
from portal.paper.place import Placed

ANY_FRONT = re.compile(r"HTTPS?://[^/\s]+/S/[0-9A-Z]{11}/?", re.ASCII | re.IGNORECASE)
LOOK_MM = 13.0  # half the side of the patch in which a missing mark is looked for
LOOK_DOTS = 8
SECOND_SHEET = 3  # so many marks that lie as on a sheet of their own are one


@dataclass(frozen=True)
class Sighting:
    """What was recognised. `reason` is set when no leaf is proven; `leaf` may then still be the likeliest one."""

    placed: Placed | None
    leaf: int | None = None
    page: int | None = None
    certain: bool = False
    qr: bool = False
    reason: str | None = None


def recognise(grey: np.ndarray, key: PaperKey, page: Page, expect: frozenset[int]) -> Sighting:
    """Name the leaf in a grey photo; `page` gives the places of the marks, `expect` the uploader's own leaves."""
    groups = place.sheets(find.marks(grey), page)
    if not groups or not _proven(groups[0], key):
        groups = _look_again(grey, key, page, groups)
    if not groups:
        return _without_marks(grey, key, page, expect)
    first = _completed(grey, groups[0], page)
    seen = _weighed(first, _codes(grey, first, page), key, expect)
    if any(len(group.marks) >= SECOND_SHEET for group in groups[1:]):
        return Sighting(first, qr=seen.qr, reason="two_sheets")
    return seen


def _proven(group: Placed, key: PaperKey) -> tuple[int, int] | None:
    """Leaf and page that the marks of a group prove by themselves."""
    known = identity.identify(group.ids, key)
    return (known.leaf, known.page) if known and known.certain else None


def _look_again(grey: np.ndarray, key: PaperKey, page: Page, groups: list[Placed]) -> list[Placed]:
    """Slower tries, until some group proves a leaf."""
    if groups:
        groups = [_completed(grey, groups[0], page), *groups[1:]]
        if _proven(groups[0], key):
            return groups
    seen = [mark for group in groups for mark in group.marks.values()]
    for found in find.more_marks(grey):
        seen = _merged(seen, found)
        groups = place.sheets(seen, page) or groups
        if groups and _proven(groups[0], key):
            break
    return groups


def _merged(known: list[Mark], found: list[Mark]) -> list[Mark]:
    """Both lists without marks that were seen twice."""
    extra = [
        mark for mark in found if all(np.linalg.norm(mark.centre - other.centre) > other.size / 2 for other in known)
    ]
    return known + extra


def _completed(grey: np.ndarray, group: Placed, page: Page) -> Placed:
    """Look for the missing marks where they must be."""
    marks = dict(group.marks)
    for at in range(len(page.marks)):
        if at in marks:
            continue
        corners = place.corners_of(page, at)
        low = corners.mean(0) - LOOK_MM
        side = round(2 * LOOK_MM * LOOK_DOTS)
        view = group.matrix @ np.array([[1 / LOOK_DOTS, 0, low[0]], [0, 1 / LOOK_DOTS, low[1]], [0, 0, 1]])
        outside = place.to_photo(view, np.array([[side / 2, side / 2]]))[0]
        if not (0 <= outside[0] < grey.shape[1] and 0 <= outside[1] < grey.shape[0]):
            continue
        patch = cv2.warpPerspective(grey, view, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        upright = [mark for mark in find.marks_within(patch) if abs(mark.angle) < 0.5]
        if len(upright) == 1:
            marks[at] = Mark(upright[0].id, place.to_photo(view, upright[0].corners))
    if len(marks) == len(group.marks):
        return group
    matrix = place.homography(marks, page)
    return group if matrix is None else replace(group, marks=marks, matrix=matrix)


def _codes(grey: np.ndarray, placed: Placed, page: Page) -> list[str]:
    """Texts of the QR at its place on the page, from a flattened and then a sharpened view."""
    dots, margin = 9, 4.0
    side = round((page.qr.size_mm + 2 * margin) * dots)
    low = (page.qr.x_mm - margin, page.qr.y_mm - margin)
    view = placed.matrix @ np.array([[1 / dots, 0, low[0]], [0, 1 / dots, low[1]], [0, 0, 1]])
    patch = cv2.warpPerspective(grey, view, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    texts = [text for text, _ in find.qr_codes(patch)]
    if not texts and len(placed.marks) < 6:
        large = cv2.resize(patch, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        soft = cv2.GaussianBlur(large, (0, 0), 6)
        texts = [text for text, _ in find.qr_codes(cv2.addWeighted(large, 2.5, soft, -1.5, 0), True)]
    return texts


def _weighed(placed: Placed, codes: list[str], key: PaperKey, expect: frozenset[int]) -> Sighting:
    known = identity.identify(placed.ids, key)
    named = {leaf for leaf in (identity.parse_front(text, key) for text in codes) if leaf is not None}
    seen = Sighting(placed, qr=bool(codes))
    if len(named) > 1:
        return replace(seen, reason="two_sheets")
    foreign = any(ANY_FRONT.fullmatch(text.strip()) and identity.parse_front(text, key) is None for text in codes)
    leaf = named.pop() if named else None
    if foreign:
        return replace(seen, reason="other_deployment")
    if known is None:
        if leaf is not None:
            return replace(seen, leaf=leaf, page=1, certain=True)
        return replace(seen, reason="other_deployment" if len(placed.marks) >= 4 else "few_marks")
    return _with_marks(seen, known, leaf, expect)


def _with_marks(seen: Sighting, known: Identity, leaf: int | None, expect: frozenset[int]) -> Sighting:
    if leaf is not None and (leaf != known.leaf or known.page != 1):
        if known.certain:
            return replace(seen, reason="two_sheets")
        return replace(seen, leaf=leaf, page=1, certain=True)
    seen = replace(seen, leaf=known.leaf, page=known.page)
    if known.certain or leaf == known.leaf or known.leaf in expect:
        return replace(seen, certain=True)
    return replace(seen, reason="other_deployment" if seen.placed and len(seen.placed.marks) >= 5 else "few_marks")


def _without_marks(grey: np.ndarray, key: PaperKey, page: Page, expect: frozenset[int]) -> Sighting:
    """No two marks: the QR alone may still say where the page lies."""
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for picture, scale in ((half, 0.5), (grey, 1.0)):
        for text, corners in find.qr_codes(picture, thorough=True):
            if identity.parse_front(text, key) is None:
                if ANY_FRONT.fullmatch(text.strip()):
                    return Sighting(None, qr=True, reason="other_deployment")
                continue
            square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * page.qr.size_mm + [page.qr.x_mm, page.qr.y_mm]
            matrix = cv2.getPerspectiveTransform(square.astype(np.float32), (corners / scale).astype(np.float32))
            placed = _completed(grey, Placed({}, matrix, 0.0), page)
            if len(placed.marks) >= 2:
                return _weighed(placed, [text], key, expect)
            return Sighting(None, identity.parse_front(text, key), 1, False, True, "few_marks")
    return Sighting(None, reason="not_a_sheet")

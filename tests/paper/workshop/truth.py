"""What a reader must say of a photo, computed from the scene that made it (sheet.md: "Retake is due ...")."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from portal.paper.layout import Box, Page
from tests.paper.workshop import clutter, light
from tests.paper.workshop.camera import Camera

LEAST_DOTS = 5.0
MOST_BLUR = 0.30
MOST_HIDDEN = 0.20


@dataclass(frozen=True)
class Truth:
    """`written` are item codes with writing in their change box; `ticked` maps items to ticked options; `reasons` say
    why a retake is due (kinds, not the reader's codes); `hidden` is the hidden share of boxes that have one."""

    leaf: int | None
    page: int
    written: frozenset[str]
    ticked: dict[str, frozenset[str]]
    signed: bool
    reasons: frozenset[str]
    corners: int = 4
    dots: float = 0.0
    blur: float = 0.0
    hidden: dict[str, float] = field(default_factory=dict)
    condition: str = ""

    @property
    def retake(self) -> bool:
        return bool(self.reasons)


def reasons_of(camera: Camera, page: Page) -> tuple[frozenset[str], dict[str, float]]:
    """Kinds of reasons for a retake, and the hidden share of each change box and of the signature that has one."""
    reasons, hidden = set(), {}
    for box in page.boxes:
        if box.kind == "tick":
            continue
        points = _points(box)
        if _outside(camera, points):
            reasons.add("cut")
        if box.kind in ("change", "signature"):
            unseen = (light.contrast_at(camera, points) < light.HIDDEN_BELOW) | clutter.covered_at(camera.scene, points)
            share = float(unseen.mean())
            if share > 0:
                hidden[box.item] = share
            if share > MOST_HIDDEN:
                covered = float(clutter.covered_at(camera.scene, points).mean())
                reasons.add("covered" if covered > share / 2 else "light")
    if camera.dots_per_mm() < LEAST_DOTS:
        reasons.add("resolution")
    if light.blur_on_paper(camera) > MOST_BLUR:
        reasons.add("blur")
    return frozenset(reasons), hidden


def _points(box: Box) -> np.ndarray:
    xs = np.linspace(box.x_mm, box.right_mm, max(5, int(box.w_mm)))
    ys = np.linspace(box.y_mm, box.bottom_mm, max(5, int(box.h_mm * 1.5)))
    return np.stack(np.meshgrid(xs, ys), -1)


def _outside(camera: Camera, points: np.ndarray) -> bool:
    photo = camera.to_photo(points)
    size = [camera.scene.width, camera.scene.height]
    return bool((photo < 0).any() or (photo > size).any())


def corners_seen(camera: Camera, page: Page) -> int:
    """How many of the four corner marks are whole in the photo and not covered."""
    count = 0
    for at in (0, 2, 3, 5):
        mark = page.marks[at]
        xs = np.linspace(mark.x_mm, mark.x_mm + mark.size_mm, 6)
        ys = np.linspace(mark.y_mm, mark.y_mm + mark.size_mm, 6)
        points = np.stack(np.meshgrid(xs, ys), -1)
        count += not (_outside(camera, points) or clutter.covered_at(camera.scene, points).any())
    return count

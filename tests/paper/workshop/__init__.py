"""The photo workshop: makes phone photographs of a printed page, written on by hand, with the truth about each.

Everything follows from the seed. `photograph` is the way in; `write_on` gives the written page without the photo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from portal.paper import layout
from portal.paper.layout import Box, Page
from tests.paper.workshop import clutter, light, pens, truth
from tests.paper.workshop.camera import PAGE, STEP, Camera
from tests.paper.workshop.scene import CONDITIONS, Scene, draw
from tests.paper.workshop.truth import Truth

__all__ = [
    "CONDITIONS",
    "Scene",
    "Told",
    "Truth",
    "draw",
    "form",
    "photograph",
    "plan_writing",
    "take",
    "two_sheets",
    "write_on",
]

KINDS_OF_PENS = {"pencil": (6, 7), "coloured": (2, 3, 4, 5, 8, 10, 11, 12)}
"""Numbers of PENS, where a condition limits them."""
Writing = Mapping[str, str]
"""Item -> what is written into its change box; "=1", "=0" or "=same" tick that option instead."""


def photograph(
    page: np.ndarray | bytes,
    seed: int,
    writing: Writing | None = None,
    signed: bool = True,
    condition: str = "typical",
    leaf: int | None = None,
    back: np.ndarray | None = None,
) -> tuple[bytes, Truth]:
    """Photograph a page raster (BGR array or picture bytes) as JPEG. Without `writing`, a plausible one is made up.

    `back` is the raster of the other side, which shines through.
    """
    rng = np.random.default_rng([seed, 1])
    form = layout.current().page(1)
    if writing is None:
        writing = plan_writing(form, rng)
    written = write_on(page, seed, writing, signed, KINDS_OF_PENS.get(condition))
    return take(written, draw(condition, rng), seed, Told(leaf, 1, dict(writing), signed, condition), back)


class Told:
    """What is known about a page before it is photographed."""

    def __init__(self, leaf: int | None, page: int, writing: dict[str, str], signed: bool, condition: str = "") -> None:
        self.leaf, self.page, self.writing, self.signed, self.condition = leaf, page, writing, signed, condition


def form() -> Page:
    """The front page that the workshop writes on and photographs."""
    return layout.current().page(1)


def plan_writing(form: Page, rng: np.random.Generator) -> dict[str, str]:
    """What a family may write: mostly nothing or little, sometimes a lot."""
    changes = [box for box in form.boxes if box.kind == "change"]
    options = {
        box.item: [b.option or "" for b in form.boxes if b.kind == "tick" and b.item == box.item] for box in changes
    }
    share = float(rng.choice([0.0, 0.05, 0.15, 0.4], p=[0.15, 0.4, 0.3, 0.15]))
    writing = {}
    for box in changes:
        if rng.random() >= share:
            continue
        if options[box.item] and (box.h_mm < 9 or rng.random() < 0.5):
            writing[box.item] = "=" + str(rng.choice(options[box.item]))
        else:
            writing[box.item] = _made_up(box, rng)
    return writing


def _made_up(box: Box, rng: np.random.Generator) -> str:
    most = max(1, int(box.w_mm / 4.6))
    count = int(min(most, rng.integers(1, most + 1)))
    if rng.random() < 0.5:
        return "".join(str(d) for d in rng.integers(0, 10, count))
    return "".join(chr(int(c)) for c in rng.integers(0x4E00, 0x9FA0, count))


def write_on(
    page: np.ndarray | bytes, seed: int, writing: Writing, signed: bool, kinds: tuple[int, ...] | None = None
) -> np.ndarray:
    """The page raster with the handwriting of one family on it (BGR); `kinds` limits the pens to these of PENS."""
    pixels = _raster(page)
    rng = np.random.default_rng([seed, 2])
    form = layout.current().page(1)
    sheet = pens.Sheet(pixels, pixels.shape[1] / PAGE[0], rng)
    pen = pens.PENS[int(rng.choice(kinds) if kinds else rng.choice(len(pens.PENS), p=pens.CHANCES))]
    for item, text in writing.items():
        if text.startswith("="):
            pens.tick(sheet, _frame(form.box(item, "tick", text[1:])), pen)
            continue
        pens.write_text(sheet, text, _frame(form.box(item, "change")), pen)
        if rng.random() < 0.3:
            value = form.box(item, "value")
            middle = value.y_mm + value.h_mm / 2
            pens.scratch(sheet, (value.x_mm + 1, middle), (value.right_mm - 2, middle), pen)
    if signed:
        pens.sign(sheet, _frame(form.box("parent_signature", "signature")), pen)
        if rng.random() < 0.8:
            _date(sheet, form, pen)
    return sheet.pixels


def _date(sheet: pens.Sheet, form: Page, pen: pens.Pen) -> None:
    box = next(box for box in form.boxes if box.kind == "date")
    for at, text in ((0.05, "2026"), (0.45, "9"), (0.72, "12")):
        pens.write_text(sheet, text, (box.x_mm + at * box.w_mm, box.y_mm, box.w_mm * 0.22, box.h_mm), pen)


def _frame(box: Box) -> tuple[float, float, float, float]:
    return box.x_mm, box.y_mm, box.w_mm, box.h_mm


def _raster(page: np.ndarray | bytes) -> np.ndarray:
    if isinstance(page, bytes):
        return cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_COLOR)
    return page if page.ndim == 3 else cv2.cvtColor(page, cv2.COLOR_GRAY2BGR)


def take(page: np.ndarray, scene: Scene, seed: int, told: Told, back: np.ndarray | None = None) -> tuple[bytes, Truth]:
    """Photograph a written page in this scene: JPEG bytes and the truth."""
    rng = np.random.default_rng([seed, 3])
    camera = Camera(scene)
    picture = render(page, camera, rng, back)
    form = layout.current().page(1)
    reasons, hidden = truth.reasons_of(camera, form)
    told_truth = Truth(
        leaf=told.leaf,
        page=told.page,
        written=frozenset(told.writing),
        ticked={item: frozenset({text[1:]}) for item, text in told.writing.items() if text.startswith("=")},
        signed=told.signed,
        reasons=reasons,
        corners=truth.corners_seen(camera, form),
        dots=camera.dots_per_mm(),
        blur=light.blur_on_paper(camera),
        hidden=hidden,
        condition=told.condition,
    )
    return _jpeg(picture, scene.quality), told_truth


def render(page: np.ndarray, camera: Camera, rng: np.random.Generator, back: np.ndarray | None = None) -> np.ndarray:
    """The photo as pixels, before compression."""
    scene = camera.scene
    seen = camera.inverse()
    background = _background(page, camera)
    picture = _paper(page, camera, seen, rng, back, background)
    picture = clutter.lay_over(picture, background, scene, seen, STEP)
    picture = light.lit(picture, camera, seen, STEP)
    if scene.screen:
        picture = light.moire(picture, rng)
    return light.developed(light.noisy(light.blurred(picture, camera), scene.noise, rng), camera)


def _background(page: np.ndarray, camera: Camera) -> np.ndarray:
    """The table; in a pile with another sheet on it, moved and turned a little."""
    scene = camera.scene
    table = clutter.table(scene.width, scene.height, scene.background)
    if "under" not in scene.extra:
        return table
    across, down, turn = scene.extra["under"]  # type: ignore[misc]
    moved = (scene.shift[0] + across / 400, scene.shift[1] + down / 400)
    other = Camera(replace(scene, extra={}, shift=moved, roll=scene.roll + turn / 4, stamps=(), bleed=0.0))
    return _paper(page, other, other.inverse(), np.random.default_rng(0), None, table)


def _paper(page, camera, seen, rng, back, background) -> np.ndarray:
    """The page bent and projected onto the background, evenly lit."""
    scene = camera.scene
    page = page.copy()
    clutter.stamp(page, page.shape[1] / PAGE[0], scene, rng)
    page = clutter.bleed(page, back, scene.bleed, rng)
    wanted = camera.dots_per_mm()
    if wanted < 0.8 * page.shape[1] / PAGE[0]:
        size = (round(PAGE[0] * wanted * 1.1), round(PAGE[1] * wanted * 1.1))
        page = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    dots = np.array([page.shape[1] / PAGE[0], page.shape[0] / PAGE[1]])
    scale = np.array([[1 / STEP, 0, 0], [0, 1 / STEP, 0]])
    wide = cv2.warpAffine(
        (seen * dots - 0.5).astype(np.float32), scale, (scene.width, scene.height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return cv2.remap(page, wide, None, cv2.INTER_LINEAR, dst=background.copy(), borderMode=cv2.BORDER_TRANSPARENT)


def two_sheets(first: np.ndarray, second: np.ndarray, seed: int) -> bytes:
    """Two written pages beside each other in one photo, the second sometimes upside down or partly on the first."""
    rng = np.random.default_rng([seed, 4])
    scene = replace(draw("typical", rng, (4000, 3000)), width=4000, height=3000, fingers=(), stamps=(), fill=0.9)
    apart = float(rng.uniform(0.17, 0.246))
    left, right = (
        Camera(replace(scene, shift=(side * apart, 0.0), roll=turn + float(rng.normal(0, 2))))
        for side, turn in ((-1, 0.0), (1, 180.0 if rng.random() < 0.3 else 0.0))
    )
    picture = clutter.table(4000, 3000, scene.background)
    for page, camera in ((first, left), (second, right)):
        picture = _paper(page, camera, camera.inverse(), rng, None, picture)
    picture = light.lit(picture, left, left.inverse(), STEP)
    picture = light.developed(light.noisy(light.blurred(picture, left), scene.noise, rng), left)
    return _jpeg(picture, scene.quality)


def _jpeg(picture: np.ndarray, quality: int) -> bytes:
    done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the picture could not be coded")
    return coded.tobytes()

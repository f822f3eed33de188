"""Bytes of a photo -> Reading: the only door through which photographs are read. A pure function; it never raises.

Six steps (sheet.md): bound and decode, find marks and QR, flatten, judge the quality, map the ink, cut out the writing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import cv2
import numpy as np

from portal.paper import align, crops, documents, edges, identity, ink, layout, photo, quality, scans, stamps
from portal.paper.align import Flat
from portal.paper.bend import Bend
from portal.paper.edges import Edges
from portal.paper.identity import PaperKey
from portal.paper.ink import InkBox
from portal.paper.layout import Layout
from portal.paper.photo import Photo, PhotoRefused
from portal.paper.place import Placed
from portal.paper.recognise import Sighting, recognise

Verdict = Literal["readable", "retake", "unknown"]
Layouts = Callable[[int], Layout]
CORNERS = (0, 2, 3, 5)
"""Positions of the corner marks among the six."""


@dataclass(frozen=True)
class Reading:
    """What a photo says.

    `verdict`: readable; retake (it is known whose sheet, or that it shows a sheet, but it must be photographed again);
    unknown (nobody's for certain). `reasons` are codes of `reasons.py`, the most important first. `leaf` may be a mere
    hint while `certain` is False; `likely` are then those of the uploader's leaves that fit what was seen, the best
    first. `corners` counts the corner marks found (0-4). `signed` is None when unsure.
    `flat_jpeg` is the flattened page, or the upright photo while `flattened` is False; `crops` has a JPEG for each
    change box that is written or unsure. `width` and `height` are the pixels of the photo as sent.
    """

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    leaf: int | None = None
    page: int | None = None
    version: int | None = None
    corners: int = 0
    marks_found: int = 0
    qr: bool = False
    certain: bool = False
    likely: tuple[int, ...] = ()
    signed: bool | None = None
    signed_confidence: float = 0.0
    ink: dict[str, InkBox] = field(default_factory=dict)
    flattened: bool = False
    flat_jpeg: bytes | None = field(default=None, repr=False)
    crops: dict[str, bytes] = field(default_factory=dict, repr=False)
    dots_per_mm: float = 0.0
    blur_mm: float = 0.0
    width: int = 0
    height: int = 0
    ms: float = 0.0

    @property
    def written(self) -> tuple[str, ...]:
        """Items whose change box is written or may be, in print order."""
        return tuple(item for item, box in self.ink.items() if box.state != "empty")

    def to_entry(self) -> tuple[dict[str, Any], list[bytes]]:
        """As plain JSON and blobs: first the flattened page (empty if none), then the crops in the order of "crops"."""
        plain = {name: value for name, value in vars(self).items() if name not in ("ink", "flat_jpeg", "crops")}
        plain["reasons"], plain["likely"] = list(self.reasons), list(self.likely)
        plain["ink"] = {item: asdict(box) for item, box in self.ink.items()}
        plain["crops"] = list(self.crops)
        return plain, [self.flat_jpeg or b"", *self.crops.values()]

    @classmethod
    def from_entry(cls, plain: dict[str, Any], blobs: list[bytes]) -> Reading:
        """The inverse of `to_entry`."""
        boxes = {item: InkBox(**(box | {"ticked": tuple(box["ticked"])})) for item, box in plain["ink"].items()}
        rest = {name: value for name, value in plain.items() if name not in ("ink", "crops", "reasons", "likely")}
        return cls(
            **rest,
            reasons=tuple(plain["reasons"]),
            likely=tuple(plain["likely"]),
            ink=boxes,
            flat_jpeg=blobs[0] or None,
            crops=dict(zip(plain["crops"], blobs[1:], strict=True)),
        )


def read(data: bytes, key: PaperKey, layouts: Layouts | None = None, expect: frozenset[int] = frozenset()) -> Reading:
    """Read one photo. `layouts` gives the layout a leaf was printed with (without it: the current one; LookupError:
    no such leaf), `expect` the leaves this uploader may send: with them three marks are enough."""
    begun = time.perf_counter()
    try:
        done = _read(photo.decode(data), key, layouts, expect)
    except PhotoRefused as refused:
        done = Reading("unknown", (refused.reason,))
    except Exception:  # a stranger's picture may hit any corner of three libraries; it must not stop a pile
        done = Reading("unknown", ("broken",))
    return replace(done, ms=round((time.perf_counter() - begun) * 1000, 1))


def read_pages(
    data: bytes, key: PaperKey, layouts: Layouts | None = None, expect: frozenset[int] = frozenset()
) -> Iterator[Reading]:
    """Read a PDF of scans page by page; anything else is read as one photo."""
    if not data[:1024].lstrip().startswith(b"%PDF-"):
        yield read(data, key, layouts, expect)
        return
    for picture in scans.drawn(data):
        begun = time.perf_counter()
        try:
            done = _read(picture, key, layouts, expect) if picture else Reading("unknown", ("broken",))
        except Exception:  # as in `read`
            done = Reading("unknown", ("broken",))
        yield replace(done, ms=round((time.perf_counter() - begun) * 1000, 1))


def entry(payload: bytes, args: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """`read` for a child process. `args`: "key" (hex), "expect" (leaves), "version" (layout; none: current); with
    "pages" the pages of a file of scans instead (`scans.entry`), with "document" the bare picture of a document."""
    if "pages" in args:
        return scans.entry(payload, args)
    if "document" in args:
        return documents.entry(payload, args)
    key = PaperKey(bytes.fromhex(args["key"]))
    version = args.get("version")
    known = layout.by_version(version) if version else layout.current()
    expect = frozenset(args.get("expect") or ())
    return read(payload, key, lambda _leaf: known, expect).to_entry()


def _read(picture: Photo, key: PaperKey, layouts: Layouts | None, expect: frozenset[int]) -> Reading:
    grey = cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY)
    seen = recognise(grey, key, layout.current().page(1), expect)
    start = Reading("unknown", width=picture.width, height=picture.height, qr=seen.qr, certain=seen.certain)
    start = replace(start, leaf=seen.leaf, page=seen.page)
    if seen.placed is not None and not seen.certain:
        start = replace(start, likely=identity.likely(seen.placed.ids, key, expect))
    if seen.placed is None:
        return replace(start, reasons=(seen.reason or "not_a_sheet",), flat_jpeg=crops.upright(picture.pixels))
    found = seen.placed.marks
    start = replace(start, marks_found=len(found), corners=sum(at in found for at in CORNERS))
    if seen.reason == "two_sheets":
        return replace(start, verdict="retake", reasons=("two_sheets",), flat_jpeg=crops.upright(picture.pixels))
    version = _version(seen, layouts)
    if version is None:
        return replace(start, certain=False, reasons=("unknown_leaf",), flat_jpeg=crops.upright(picture.pixels))
    if seen.page == 2:
        return _back(start, picture, grey, seen.placed)
    seen_front = _front(picture, grey, seen.placed, version)
    return _concluded(replace(start, version=version, **seen_front), seen)


def _version(seen: Sighting, layouts: Layouts | None) -> int | None:
    """The layout version of the leaf; None when no such leaf was ever printed."""
    if layouts is None or seen.leaf is None or not seen.certain:
        return layout.VERSION
    try:
        return layouts(seen.leaf).version
    except LookupError:
        return None


def _back(start: Reading, picture: Photo, grey: np.ndarray, placed: Placed) -> Reading:
    flat = align.flatten(picture.pixels, placed.matrix, Bend.none(), layout.current().page(2))
    verdict: Verdict = "retake" if start.certain else "unknown"
    return replace(start, verdict=verdict, reasons=("back_page",), flattened=True, flat_jpeg=crops.page(flat.colour))


def _front(picture: Photo, grey: np.ndarray, placed: Placed, version: int) -> dict[str, Any]:
    """What page 1 says, as fields of a Reading."""
    page = layout.by_version(version).page(1)
    blur = quality.blur_mm(grey, list(placed.marks.values()), page.marks[0].size_mm)
    flat, seen = _flattened(picture, grey, placed, blur, version)
    judged = quality.judge(flat, seen, blur, (grey.shape, picture.scale), version)
    found = ink.read_ink(flat.even, _unlike(flat), seen, blur, version)
    return {
        "reasons": judged.reasons,
        "ink": found.boxes,
        "signed": found.signed,
        "signed_confidence": round(found.signed_confidence, 3),
        "flattened": True,
        "flat_jpeg": crops.page(flat.colour),
        "crops": crops.boxes(flat.colour, page, [item for item, box in found.boxes.items() if box.state != "empty"]),
        "dots_per_mm": round(judged.dots, 2),
        "blur_mm": round(judged.blur_mm, 3),
    }


def _flattened(picture: Photo, grey: np.ndarray, placed: Placed, blur: float, version: int) -> tuple[Flat, Edges]:
    """The flattened page and its rules; looked at once more where the rules lie off their places."""
    page = layout.by_version(version).page(1)
    bent = align.bend_of(grey, placed, page, version)
    for again in (True, False):
        flat = align.flatten(picture.pixels, placed.matrix, bent, page)
        seen = edges.look(flat.even, blur, version)
        if not (again and seen.is_loose):
            break
        bent = bent + edges.more_bend(edges.look(flat.even, blur, version, edges.FAR_MM))
    return flat, seen


def _unlike(flat: Flat) -> list[np.ndarray]:
    """What is dark but no writing: jumps of light, stamps; each at its own resolution."""
    stamp = stamps.stamped(flat.colour)
    return [align.steep(flat.paper)] + ([] if stamp is None else [stamp])


def _concluded(done: Reading, seen: Sighting) -> Reading:
    if not seen.certain:
        return replace(done, verdict="unknown", reasons=(seen.reason or "few_marks", *done.reasons))
    return replace(done, verdict="retake" if done.reasons else "readable")

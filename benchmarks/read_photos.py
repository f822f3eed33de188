"""The photos of `benchmarks.read`: made by the workshop, read, compared with the truth."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from portal.paper import reading
from portal.paper.reading import Reading
from tests.paper import workshop
from tests.paper.workshop import Told, press

CLASS_SIZE = 45
LARGE = (4000, 3000)
_KINDS = {"own": press.KEY, "foreign": press.OTHER_KEY}
Answer = dict[str, Any]


def print_pages(folder: Path, count: int, seed: int) -> None:
    """Print leaves of this and of another deployment and keep their pages as arrays, with the leaves by kind."""
    rng = np.random.default_rng([seed, 9])
    leaves = {
        "own": [int(leaf) for leaf in rng.integers(1 << 27, 1 << 28, count)],
        "foreign": [int(leaf) for leaf in rng.integers(0, 1 << 28, max(1, count // 4))],
    }
    for kind, key in _KINDS.items():
        for leaf, pages in zip(leaves[kind], press.pages(leaves[kind], key), strict=True):
            for side, page in zip(("front", "back"), pages, strict=True):
                np.save(folder / f"{kind}-{leaf}-{side}.npy", page)
    (folder / "leaves.json").write_text(json.dumps(leaves))


def write_large(folder: Path, photos: Path, seeds: range) -> None:
    """Typical photos of 12 megapixels for timing, and the key to read them with."""
    (photos / "key").write_bytes(press.KEY.secret)
    for seed in seeds:
        leaf, page, back = _page(folder, "own", seed)
        rng = np.random.default_rng([seed, 1])
        writing = workshop.plan_writing(workshop.form(), rng)
        written = workshop.write_on(page, seed, writing, signed=True)
        scene = workshop.draw("typical", rng, LARGE)
        data, _ = workshop.take(written, scene, seed, Told(leaf, 1, writing, True, "typical"), back)
        (photos / f"{seed}.jpg").write_bytes(data)


def _page(folder: Path, kind: str, seed: int) -> tuple[int, np.ndarray, np.ndarray]:
    leaves = json.loads((folder / "leaves.json").read_text())[kind]
    leaf = leaves[int(np.random.default_rng([seed, 8]).integers(len(leaves)))]
    front, back = (np.load(folder / f"{kind}-{leaf}-{side}.npy", mmap_mode="r") for side in ("front", "back"))
    return leaf, front, back


def taken(folder: Path, kind: str, seed: int) -> tuple[bytes, frozenset[int], frozenset[int], workshop.Truth | None]:
    """One photo of a condition: its bytes, the leaves its sender may send, the leaves in it, and the truth if it shows
    one front of this deployment."""
    rng = np.random.default_rng([seed, 7])
    leaf, front, back = _page(folder, "foreign" if kind == "other_deployment" else "own", seed)
    signed = bool(rng.random() < 0.8)
    classmates = frozenset(int(other) for other in rng.integers(0, 1 << 27, CLASS_SIZE - 1))
    if kind == "two_sheets":
        other, second, _ = next(page for more in range(1, 99) if (page := _page(folder, "own", seed + more))[0] != leaf)
        written = [workshop.write_on(page, seed + at, {}, signed) for at, page in enumerate((front, second))]
        return (
            workshop.two_sheets(written[0], written[1], seed),
            classmates | {leaf, other},
            frozenset({leaf, other}),
            None,
        )
    if kind == "back":
        data, _ = workshop.photograph(back, seed, writing={}, signed=False)
        return data, classmates | {leaf}, frozenset({leaf}), None
    condition = kind if kind in workshop.CONDITIONS else ("typical", "hard", "lost_corner")[seed % 3]
    data, truth = workshop.photograph(front, seed, signed=signed, condition=condition, leaf=leaf, back=back)
    if kind == "other_deployment":
        return data, classmates, frozenset(), None
    return data, classmates if kind == "earlier_round" else classmates | {leaf}, frozenset({leaf}), truth


def answer(folder: Path, kind: str, seed: int) -> Answer:
    """Make one photo, read it, and say how it went, as plain numbers and item codes."""
    data, expect, there, truth = taken(folder, kind, seed)
    begun = time.process_time()
    seen = reading.read(data, press.KEY, expect=expect)
    wrong = seen.certain and seen.leaf not in there
    told = {"kind": kind, "seed": seed, "cpu_ms": round((time.process_time() - begun) * 1000, 1)}
    if truth is not None:
        return told | {"wrong": wrong} | _compared(seen, truth)
    if kind == "two_sheets":
        return told | {"wrong": wrong or seen.verdict == "readable", "told": "two_sheets" in seen.reasons}
    reason = "back_page" if kind == "back" else kind
    return told | {"wrong": wrong, "told": reason in seen.reasons}


def _compared(seen: Reading, truth: workshop.Truth) -> Answer:
    found, ticked = set(seen.written), {item: set(seen.ink[item].ticked) for item in truth.ticked if item in seen.ink}
    return {
        "due": truth.retake,
        "asked": seen.verdict != "readable",
        "named": seen.certain,
        "right": len(found & truth.written),
        "extra": sorted(found - truth.written),
        "missed": sorted(truth.written - found),
        "unsure": sum(box.state == "unsure" for box in seen.ink.values()),
        "boxes": len(seen.ink),
        "ticks": [sum(set(truth.ticked[item]) == options for item, options in ticked.items()), len(truth.ticked)],
        "signed": [truth.signed, seen.signed],
        "reasons": [sorted(truth.reasons), list(seen.reasons)],
    }

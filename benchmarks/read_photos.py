"""The photos of `benchmarks.read`: made by the workshop, read, compared with the truth, counted."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from portal.paper import reading
from portal.paper.reading import Reading
from tests.paper import workshop
from tests.paper.workshop import Told, press

CLASS_SIZE = 45
LARGE = (4000, 3000)
_KINDS = {"own": press.KEY, "foreign": press.OTHER_KEY}
Answer = dict[str, Any]


def print_pages(folder: Path, count: int) -> None:
    """Print leaves of this and of another deployment and keep their pages as pictures, with the leaves by kind."""
    rng = np.random.default_rng(20_270_412)
    leaves = {
        "own": [int(leaf) for leaf in rng.integers(1 << 27, 1 << 28, count)],
        "foreign": [int(leaf) for leaf in rng.integers(0, 1 << 28, max(1, count // 4))],
    }
    for kind, key in _KINDS.items():
        for leaf, pages in zip(leaves[kind], press.pages(leaves[kind], key), strict=True):
            for side, page in zip(("front", "back"), pages, strict=True):
                cv2.imwrite(str(folder / f"{kind}-{leaf}-{side}.png"), page, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    (folder / "leaves.json").write_text(json.dumps(leaves))


def write_large(folder: Path, photos: Path, count: int) -> None:
    """Typical photos of 12 megapixels for timing, and the key to read them with."""
    (photos / "key").write_bytes(press.KEY.secret)
    for seed in range(900_000, 900_000 + count):
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
    front, back = (cv2.imread(str(folder / f"{kind}-{leaf}-{side}.png")) for side in ("front", "back"))
    if front is None or back is None:
        raise FileNotFoundError(f"page of {leaf}")
    return leaf, front, back


def answer(folder: Path, kind: str, seed: int) -> Answer:
    """Make one photo, read it, and say how it went, as plain numbers."""
    rng = np.random.default_rng([seed, 7])
    leaf, front, back = _page(folder, "foreign" if kind == "other_deployment" else "own", seed)
    signed = bool(rng.random() < 0.8)
    classmates = frozenset(int(other) for other in rng.integers(0, 1 << 27, CLASS_SIZE - 1))
    if kind == "two_sheets":
        other, second, _ = next(page for more in range(1, 99) if (page := _page(folder, "own", seed + more))[0] != leaf)
        data = workshop.two_sheets(
            *(workshop.write_on(p, seed + at, {}, signed) for at, p in enumerate((front, second))), seed
        )
        seen = reading.read(data, press.KEY, expect=classmates | {leaf, other})
        return {
            "kind": kind,
            "wrong": seen.verdict == "readable",
            "told": "two_sheets" in seen.reasons,
        }
    if kind == "back":
        data, _ = workshop.photograph(back, seed, writing={}, signed=False)
        seen = reading.read(data, press.KEY, expect=classmates | {leaf})
        return {"kind": kind, "wrong": seen.certain and seen.leaf != leaf, "told": seen.reasons == ("back_page",)}
    condition = kind if kind in workshop.CONDITIONS else ("typical", "hard", "lost_corner")[seed % 3]
    data, truth = workshop.photograph(front, seed, signed=signed, condition=condition, leaf=leaf, back=back)
    if kind == "other_deployment":
        seen = reading.read(data, press.KEY, expect=classmates)
        return {"kind": kind, "wrong": seen.certain, "told": "other_deployment" in seen.reasons}
    seen = reading.read(data, press.KEY, expect=classmates | {leaf} if kind != "earlier_round" else classmates)
    return {"kind": kind, "seed": seed, "wrong": seen.certain and seen.leaf != leaf} | _compared(seen, truth)


def _compared(seen: Reading, truth: workshop.Truth) -> Answer:
    found, ticked = set(seen.written), {item: set(seen.ink[item].ticked) for item in truth.ticked if item in seen.ink}
    return {
        "due": truth.retake,
        "asked": seen.verdict != "readable",
        "named": seen.certain,
        "ink": [len(found & truth.written), len(found - truth.written), len(truth.written - found)],
        "unsure": sum(box.state == "unsure" for box in seen.ink.values()),
        "ticks": [sum(set(truth.ticked[item]) == options for item, options in ticked.items()), len(truth.ticked)],
        "signed": [truth.signed, seen.signed],
        "reasons": [sorted(truth.reasons), list(seen.reasons)],
    }


def scores(answers: list[Answer]) -> dict[str, Any]:
    """The figures of a set of answers; None where the set has nothing to measure them on.

    Ink and signature are counted on photos that are readable by truth; an unsure box counts as written (a person looks
    at it), an unsure signature as wrong.
    """
    plain = [one for one in answers if "due" in one]
    fine, due = [one for one in plain if not one["due"]], [one for one in plain if one["due"]]
    right, extra, missed = (sum(one["ink"][at] for one in fine) for at in range(3))
    signed = [one["signed"] for one in fine]
    both = sum(truth and seen is True for truth, seen in signed)
    amiss = sum(seen is None or truth != seen for truth, seen in signed)
    ticks = [sum(one["ticks"][at] for one in fine) for at in (0, 1)]
    told = [one["told"] for one in answers if "told" in one]
    return {
        "matched": _ratio(sum(one["named"] and not one["wrong"] for one in fine), len(fine)),
        "wrong": sum(bool(one["wrong"]) for one in answers),
        "ink_f1": _ratio(2 * right, 2 * right + extra + missed),
        "ticks_right": _ratio(*ticks),
        "signature_f1": _ratio(2 * both, 2 * both + amiss),
        "retake_recall": _ratio(sum(one["asked"] for one in due), len(due)),
        "false_retake": _ratio(sum(one["asked"] for one in fine), len(fine)),
        "special_told": _ratio(sum(told), len(told)),
    }


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None

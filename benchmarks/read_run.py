"""Which photos are taken and read, by condition and seed; spread over processes and kept, so that a run can go on.

Three ranges of seeds, and no photo of one is ever in another: the reader is tuned on TUNING, the quick sample that
anybody sees takes SAMPLE, and the report takes REPORT, which is looked at by `benchmarks.read --full` only.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TUNING, SAMPLE, REPORT = range(0, 1_000_000), range(1_000_000, 2_000_000), range(2_000_000, 3_000_000)
ROOM = 10_000  # seeds of one condition in a range
TIMED_SEED = 900_000  # within TUNING: speed is no secret
BATCH, NICE = 32, 10
COUNTS = {
    "typical": 400, "hard": 160, "turned": 100, "lost_corner": 310, "curled": 90, "folded": 90, "pile": 90, "scan": 50,
    "held": 90, "covered": 90, "cut": 80, "blurred": 110, "dark": 80, "shadow": 80, "glare": 90, "noisy": 70,
    "compressed": 70, "small": 80, "chat": 70, "screen": 60, "stamped": 70, "sealed": 80, "bleeding": 70, "pencil": 80,
    "coloured": 70, "earlier_round": 310, "other_deployment": 310, "two_sheets": 310, "back": 40,
}  # fmt: skip
"""Photos of each condition in the report."""
READER = (
    "align", "belong", "bend", "blank", "bounds", "containers", "crops", "edges", "find", "identity", "ink", "layout",
    "photo", "place", "quality", "reading", "recognise", "squares", "stamps", "strokes",
)  # fmt: skip
WHAT_COUNTS = (
    *(f"portal/paper/{name}.py" for name in READER),
    "portal/paper/layouts/*",
    "tests/paper/workshop/*.py",
    "benchmarks/read_photos.py",
)
Job = tuple[str, int]
Answer = dict[str, Any]


def jobs(range_: range, share: float = 1.0, only: tuple[str, ...] = ()) -> list[Job]:
    """Condition and seed of each photo, the conditions mixed evenly, so that any first part has them all."""
    kinds = list(COUNTS)
    found = []
    for kind in only or kinds:
        count = max(1, round(COUNTS[kind] * share))
        first = range_.start + kinds.index(kind) * ROOM
        found += [((number + 0.5) / count, kind, first + number) for number in range(count)]
    return [(kind, seed) for _, kind, seed in sorted(found)]


def version() -> str:
    """Changes when reader, workshop or comparison do: answers of another version are worth nothing."""
    digest = sha256()
    for pattern in WHAT_COUNTS:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def kept_at(range_: range) -> Path:
    """Where the answers of this version are kept between runs."""
    return Path(tempfile.gettempdir()) / f"reading-{range_.start}-{version()}.jsonl"


def answers(folder: Path, wanted: list[Job], kept: Path, minutes: float = 1e9) -> list[Answer]:
    """The answers to all these photos, or to those that the minutes suffice for; pages are printed in `folder`."""
    done = _kept(kept)
    left = [job for job in wanted if job not in done]
    if left and minutes > 0:
        done |= _taken(folder, left, kept, minutes)
    return [done[job] for job in wanted if job in done]


def _taken(folder: Path, left: list[Job], kept: Path, minutes: float) -> dict[Job, Answer]:
    """Answers to the photos that are left, in two processes that give way to all others."""
    begun = time.monotonic()
    done: dict[Job, Answer] = {}
    with multiprocessing.get_context("spawn").Pool(min(2, os.cpu_count() or 1), os.nice, (NICE,)) as pool:
        for at in range(0, len(left), BATCH):
            if time.monotonic() - begun > minutes * 60:
                break
            found = pool.starmap(one, [(str(folder), *job) for job in left[at : at + BATCH]], chunksize=2)
            with kept.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(answer) + "\n" for answer in found)
            done |= {(answer["kind"], answer["seed"]): answer for answer in found}
            print(f"{len(done)} of {len(left)} photos, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return done


def _kept(kept: Path) -> dict[Job, Answer]:
    if not kept.exists():
        return {}
    lines = kept.read_text(encoding="utf-8").splitlines()
    return {(answer["kind"], answer["seed"]): answer for answer in map(json.loads, lines)}


def one(folder: str, kind: str, seed: int) -> Answer:
    """Make and read one photo, in whatever process this runs."""
    from benchmarks import read_photos

    return read_photos.answer(Path(folder), kind, seed)

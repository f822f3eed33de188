"""Reading: how many photos are matched to their pupil, read right and asked for again in time; speed and memory.

    python -m benchmarks.read [--json] [--full] [--conditions]

The photos come from the photo workshop of the tests with seeds from 1,000,000 on; nothing is ever tuned on those. The
sample takes under 50 s; `--full` takes 3,300 photos with 300 or more of each: a lost corner, another deployment, an
earlier round, two sheets in a photo. Times are of 12-megapixel photos in a fresh process on one
core, beside Pillow's half-scale draft decoding of the same files; `*_cpu_ms` is processor time, which a busy machine
disturbs less; the ratio is of that.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FIRST_SEED = 1_000_000
SAMPLE_SECONDS = 26.0
TIMED, TIMED_SAMPLE = 40, 6
FULL = {
    "typical": 640, "hard": 200, "turned": 120, "lost_corner": 310, "curled": 100, "folded": 120, "pile": 130,
    "scan": 60, "blurred": 100, "dark": 60, "glare": 80, "cut": 80, "small": 80, "covered": 80, "screen": 60,
    "stamped": 80, "bleeding": 60, "pencil": 80, "other_deployment": 310, "earlier_round": 310, "two_sheets": 310,
    "back": 40,
}  # fmt: skip
SAMPLE = (
    "typical", "hard", "lost_corner", "other_deployment", "earlier_round", "two_sheets", "folded", "pile", "blurred",
    "glare", "small", "covered", "turned", "pencil", "cut", "stamped", "back",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    parser.add_argument("--full", action="store_true", help="3,300 photos, about an hour")
    parser.add_argument("--conditions", action="store_true", help="the figures of each condition as well")
    parser.add_argument("--time", metavar="FOLDER", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.time:
        print(json.dumps(timed(sorted(Path(chosen.time).glob("*.jpg")))))
        return
    figures = measure(chosen.full, chosen.conditions)
    print(json.dumps(figures) if chosen.json else "\n".join(f"{name:22} {value}" for name, value in figures.items()))


def measure(full: bool, conditions: bool) -> dict[str, Any]:
    """All figures; see the module."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from benchmarks import read_photos

    with tempfile.TemporaryDirectory() as folder:
        read_photos.print_pages(Path(folder), 60 if full else 4)
        times = _timed_in_child(Path(folder), TIMED if full else TIMED_SAMPLE)
        answers = _all(folder) if full else _some(folder)
    figures = {"photos": len(answers)} | times | read_photos.scores(answers)
    if conditions:
        figures["conditions"] = {
            kind: {"photos": len(these)} | read_photos.scores(these)
            for kind in FULL
            if (these := [answer for answer in answers if answer["kind"] == kind])
        }
    return figures


def _all(folder: str) -> list[dict[str, Any]]:
    jobs = [
        (folder, kind, FIRST_SEED + at * 1000 + number) for at, kind in enumerate(FULL) for number in range(FULL[kind])
    ]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        return pool.starmap(_one, jobs, chunksize=8)


def _some(folder: str) -> list[dict[str, Any]]:
    """One photo of each condition in turn, until the time is used up."""
    begun, answers, number = time.monotonic(), [], 0
    while time.monotonic() - begun < SAMPLE_SECONDS:
        kind = SAMPLE[number % len(SAMPLE)]
        answers.append(_one(folder, kind, FIRST_SEED + list(FULL).index(kind) * 1000 + number // len(SAMPLE)))
        number += 1
    return answers


def _one(folder: str, kind: str, seed: int) -> dict[str, Any]:
    from benchmarks import read_photos

    return read_photos.answer(Path(folder), kind, seed)


def _timed_in_child(folder: Path, count: int) -> dict[str, float]:
    from benchmarks import read_photos

    photos = folder / "timed"
    photos.mkdir()
    read_photos.write_large(folder, photos, count)
    child = [sys.executable, "-m", "benchmarks.read", "--time", str(photos)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(child, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def timed(files: list[Path]) -> dict[str, float]:
    """Times of these photos and the peak memory of a reader, in a process that has done nothing else."""
    from portal.paper import reading
    from portal.paper.identity import PaperKey

    key = PaperKey((files[0].parent / "key").read_bytes())
    photos = [file.read_bytes() for file in files]
    for photo in photos:
        reading.read(photo, key)
    peak = _peak_mb() - sum(map(len, photos)) / 2**20
    walls, cpus, halves, half_cpus = [], [], [], []
    for _ in range(3):
        for photo in photos:
            half, half_cpu = _spent(lambda photo=photo: _half_scale(photo))
            wall, cpu = _spent(lambda photo=photo: reading.read(photo, key))
            walls.append(wall)
            cpus.append(cpu)
            halves.append(half)
            half_cpus.append(half_cpu)
    return {
        "median_ms": round(_share(walls, 0.5), 1),
        "p95_ms": round(_share(walls, 0.95), 1),
        "median_cpu_ms": round(_share(cpus, 0.5), 1),
        "half_scale_decode_ms": round(_share(halves, 0.5), 1),
        "half_scale_decode_cpu_ms": round(_share(half_cpus, 0.5), 1),
        "ratio": round(_share(cpus, 0.5) / _share(half_cpus, 0.5), 2),
        "peak_mb": round(peak, 1),
    }


def _peak_mb() -> float:
    """The most memory this process has held; `ru_maxrss` would count the parent's as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _spent(work: Any) -> tuple[float, float]:
    """Milliseconds of wall and of processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _half_scale(photo: bytes) -> None:
    from io import BytesIO

    from PIL import Image

    picture = Image.open(BytesIO(photo))
    picture.draft("RGB", (picture.width // 2, picture.height // 2))
    picture.convert("RGB").load()


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


if __name__ == "__main__":
    main()

"""Reading: how many photos are matched to their pupil, read right and asked for again in time; speed and memory.

    python -m benchmarks.read [--json] [--full [--minutes N]] [--tuning SHARE [--only CONDITION,...]]

The photos come from the photo workshop of the tests. The sample takes under 50 s. `--full` takes the photos of the
report (`read_run.COUNTS`: over 3,000, 300 or more of each: a lost corner, another deployment, an earlier round, two
sheets in a photo) and writes docs/reading.md; it keeps what it has, so that it can be ended and goes on. `--tuning`
takes such a share of photos of the other range, to work on the reader with, and names the photos with faults.

Times are of 12-megapixel photos in a fresh process on one core, beside Pillow's half-scale draft decoding of the same
files; `*_cpu_ms` is processor time, which a busy machine disturbs less; the ratio is of that.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import read_run, read_scores
from benchmarks.read_run import Answer, Job

SAMPLE_SECONDS = 24.0
TIMED, TIMED_SAMPLE = 40, 6
PAGES, PAGES_SAMPLE = 30, 4
REPORT = read_run.ROOT / "docs" / "reading.md"


def main() -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    parser.add_argument("--full", action="store_true", help="over 3,000 photos; writes docs/reading.md")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no more photos of --full after so many")
    parser.add_argument("--tuning", type=float, metavar="SHARE", help="such a share of photos of the tuning range")
    parser.add_argument("--only", default="", help="conditions of --tuning, separated by commas")
    parser.add_argument("--time", metavar="FOLDER", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.time:
        print(json.dumps(timed(sorted(Path(chosen.time).glob("*.jpg")))))
        return
    with tempfile.TemporaryDirectory() as name:
        figures = _chosen(chosen, Path(name))
    print(json.dumps(figures) if chosen.json else _as_lines(figures))


def _chosen(chosen: argparse.Namespace, folder: Path) -> dict[str, Any]:
    if chosen.tuning:
        only = tuple(filter(None, chosen.only.split(",")))
        return tuned(folder, read_run.jobs(read_run.TUNING, chosen.tuning, only))
    return full(folder, chosen.minutes) if chosen.full else sample(folder)


def sample(folder: Path) -> dict[str, Any]:
    """One photo of each condition in turn, until the time is used up."""
    from benchmarks import read_photos

    read_photos.print_pages(folder, PAGES_SAMPLE, read_run.SAMPLE.start)
    times = _timed_in_child(folder, TIMED_SAMPLE)
    begun, answers = time.monotonic(), []
    for kind, seed in read_run.jobs(read_run.SAMPLE):
        if time.monotonic() - begun > SAMPLE_SECONDS:
            break
        answers.append(read_run.one(str(folder), kind, seed))
    return times | read_scores.scores(answers) | {"conditions": read_scores.by_condition(answers)}


def full(folder: Path, minutes: float) -> dict[str, Any]:
    """All photos of the report, or as many as there is time for; writes the report."""
    from benchmarks import read_photos, read_report

    read_photos.print_pages(folder, PAGES, read_run.REPORT.start)
    times = _timed_in_child(folder, TIMED)
    answers = read_run.answers(
        folder, read_run.jobs(read_run.REPORT), read_run.kept_at(read_run.REPORT), minutes=minutes
    )
    figures = times | read_scores.scores(answers) | {"conditions": read_scores.by_condition(answers)}
    read_report.write(REPORT, figures, answers, folder)
    return figures


def tuned(folder: Path, jobs: list[Job]) -> dict[str, Any]:
    """These photos of the tuning range, and which of them have faults."""
    from benchmarks import read_photos

    read_photos.print_pages(folder, PAGES, read_run.TUNING.start)
    answers = read_run.answers(folder, jobs, read_run.kept_at(read_run.TUNING))
    faulty: list[Answer] = [one | {"faults": read_scores.faults(one)} for one in answers if read_scores.faults(one)]
    return read_scores.scores(answers) | {"conditions": read_scores.by_condition(answers), "faulty": faulty}


def _as_lines(figures: dict[str, Any]) -> str:
    lines = [f"{name:22} {value}" for name, value in figures.items() if name not in ("conditions", "faulty")]
    shown = ("photos", "due", "named", "wrong", "ink_f1", "signature_f1", "retake_recall", "false_retake")
    lines.append(f"{'':18}" + "".join(f"{name:>14}" for name in shown))
    for kind, of_kind in figures["conditions"].items():
        lines.append(f"{kind:18}" + "".join(f"{of_kind[name]!s:>14}" for name in shown))
    lines += [json.dumps(one) for one in figures.get("faulty", ())]
    return "\n".join(lines)


def _timed_in_child(folder: Path, count: int) -> dict[str, float]:
    from benchmarks import read_photos

    photos = folder / "timed"
    photos.mkdir()
    read_photos.write_large(folder, photos, range(read_run.TIMED_SEED, read_run.TIMED_SEED + count))
    child = [sys.executable, "-m", "benchmarks.read", "--time", str(photos)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(child, cwd=read_run.ROOT, env=environment, stdout=subprocess.PIPE, check=True)
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

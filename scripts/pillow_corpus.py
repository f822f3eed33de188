"""Pillow's own broken and odd pictures (Tests/images of its source package), for the tests; never part of this project.

`fetch` takes the source package of the locked version from the package index, its hash checked against the lock file,
and unpacks the pictures into the git-ignored `.tools/pillow-VERSION/`. `measure` sends all of them through the door and
the reading process, as a photo and as a document, and writes what became of them into docs/security.md.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path

from portal.jobs.children import ChildError, Children
from portal.paper.bounds import inspect
from portal.paper.containers import PhotoRefused
from scripts import measured
from scripts.licences import ROOT, locked

_LARGEST = 25_000_000


def version() -> str:
    """The locked version of Pillow."""
    lock = locked((ROOT / "requirements.txt").read_text("utf-8"))
    return next(one.version for one in lock if one.key == "pillow")


def folder() -> Path:
    """Where its pictures are, or would be."""
    return ROOT / ".tools" / f"pillow-{version()}"


def pictures() -> list[Path]:
    """All of them, in order; empty before `fetch`."""
    return sorted(path for path in folder().rglob("*") if path.is_file()) if folder().exists() else []


def fetch() -> int:
    """Download, check, unpack; 0, or the status of pip."""
    if pictures():
        return 0
    one = next(one for one in locked((ROOT / "requirements.txt").read_text("utf-8")) if one.key == "pillow")
    with tempfile.TemporaryDirectory() as place:
        wanted = Path(place) / "wanted.txt"
        hashes = " ".join(f"--hash=sha256:{text}" for text in one.hashes)
        wanted.write_text(f"pillow=={one.version} {hashes}\n", "utf-8")
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q", "download"]
        options = ["--no-deps", "--no-binary", "pillow", "--require-hashes", "-r", str(wanted), "-d", place]
        if status := subprocess.run([*command, *options], check=False).returncode:
            return status
        _unpack(next(Path(place).glob("*.tar.gz")), folder())
    print(f"{len(pictures())} pictures in {folder().relative_to(ROOT)}")
    return 0


def _unpack(package: Path, into: Path) -> None:
    """Plain files of its folder of test pictures only; their names are flattened, so that none leads anywhere."""
    into.mkdir(parents=True, exist_ok=True)
    with tarfile.open(package) as packed:
        for member in packed:
            _, found, name = member.name.partition("/Tests/images/")
            if found and member.isreg() and member.size < _LARGEST and (content := packed.extractfile(member)):
                (into / name.replace("/", "__")).write_bytes(content.read())


def measure() -> int:
    """Send every picture; 1 if one of them ended a reader or held it too long."""
    found, longest = Counter[str](), 0.0
    readers = Children("portal.paper.reading:entry", 1, memory_mb=900, seconds=10)
    readers.warm()
    for path in pictures():
        data = path.read_bytes()
        try:
            inspect(data)
        except PhotoRefused as refused:
            found[f"refused at the door: {refused.reason.replace('_', ' ')}"] += 1
            continue
        for args in ({"key": "00" * 16}, {"document": True}):
            begun = time.monotonic()
            try:
                readers.call(data, args)
                found["taken and read" if "key" in args else "taken and made a bare picture"] += 1
            except ChildError as error:
                found[f"a reader ended: {type(error).__name__}"] += 1
            longest = max(longest, time.monotonic() - begun)
    readers.close()
    rows = [f"| {what} | {count} |" for what, count in sorted(found.items())]
    ended = sum(count for what, count in found.items() if what.startswith("a reader"))
    table = [f"Pillow {version()}, {len(pictures())} pictures. Longest time a reader was held: {longest:.1f} s.", ""]
    table += ["| what became of it | pictures |", "| --- | --- |", *rows, f"| readers that died or hung | {ended} |"]
    measured.write("corpus", "\n".join(table))
    return 1 if ended else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["fetch"]:
        sys.exit(fetch())
    if sys.argv[1:] == ["measure"]:
        sys.exit(measure())
    print("pillow_corpus.py: fetch or measure", file=sys.stderr)
    sys.exit(2)

"""Pillow's own broken and odd pictures (Tests/images of its source package), for the tests; never part of this project.

`fetch` takes the source package of the locked version from the package index, its hash checked against the lock file,
and unpacks the pictures into the git-ignored `.tools/pillow-VERSION/`. `where` prints that folder, if it is there.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

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


if __name__ == "__main__":
    if sys.argv[1:] == ["fetch"]:
        sys.exit(fetch())
    if sys.argv[1:] == ["where"]:
        print(folder() if pictures() else "not fetched: make corpus")
        sys.exit(0)
    print("pillow_corpus.py: fetch or where", file=sys.stderr)
    sys.exit(2)

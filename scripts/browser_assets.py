"""Make the browser files ready: fetch those of others (`fetch`), name and compress our own (`own`).

Nothing third-party is committed and nothing comes from another host at run time. Two wheels are downloaded by hash:
htmx is unpacked into portal/static/vendor/, of the icons only the outlines in use. Every file gets a name that carries
a hash of its content and compressed siblings; fetched.json and own.json say which name is which.
"""

import gzip
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "portal/static/vendor"
CARRIERS = ROOT / "scripts/browser-assets.txt"
ICONS = ROOT / "scripts/icons.txt"
SCRIPTS = {"htmx.js": "django_htmx/static/django_htmx/htmx-2.min.js"}
SPRITE = "flask_bootstrap/static/bootstrap5/icons/bootstrap-icons.svg"
SVG = "{http://www.w3.org/2000/svg}"


def download(folder: Path) -> dict[str, bytes]:
    """The wanted files of the two wheels, by their path inside the wheel."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "-r", str(CARRIERS), "-d", str(folder)], check=True)
    wanted = {*SCRIPTS.values(), SPRITE}
    found = {}
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            found.update({name: archive.read(name) for name in wanted & set(archive.namelist())})
    if missing := wanted - found.keys():
        raise SystemExit(f"Not in the downloaded wheels: {', '.join(sorted(missing))}")
    return found


def write_hashed(name: str, content: bytes) -> str:
    """Write NAME.HASH.EXT with compressed siblings; return the name written."""
    stem, _, extension = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{extension}"
    (VENDOR / hashed).write_bytes(content)
    (VENDOR / f"{hashed}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    try:
        import brotli
    except ImportError:
        return hashed
    (VENDOR / f"{hashed}.br").write_bytes(brotli.compress(content, quality=11))
    return hashed


def outlines(sprite: bytes, names: list[str]) -> dict[str, list[list[str]]]:
    """For each icon its paths as [outline, fill rule], ready to be drawn inline in a 16 x 16 box."""
    symbols = {symbol.get("id"): symbol for symbol in ElementTree.fromstring(sprite).iter(f"{SVG}symbol")}
    icons = {}
    for name in names:
        if name not in symbols:
            raise SystemExit(f"No such Bootstrap icon: {name} (scripts/icons.txt)")
        shapes = list(symbols[name])
        if any(shape.tag != f"{SVG}path" for shape in shapes):
            raise SystemExit(f"The icon {name} is not made of paths only; choose another.")
        icons[name] = [[shape.get("d", ""), shape.get("fill-rule", "nonzero")] for shape in shapes]
    return icons


def write_list(name: str, files: dict[str, bytes]) -> None:
    """Write the files under hashed names, drop what an earlier list named, then write the list."""
    path = VENDOR / name
    VENDOR.mkdir(parents=True, exist_ok=True)
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    new = {plain: write_hashed(plain, content) for plain, content in files.items()}
    for hashed in set(old.values()) - set(new.values()):
        for sibling in VENDOR.glob(f"{hashed}*"):
            sibling.unlink()
    path.write_text(json.dumps(new, indent=1), encoding="utf-8")


def fetch() -> None:
    names = re.findall(r"^[a-z0-9-]+$", ICONS.read_text(encoding="utf-8"), re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        files = download(Path(folder))
    VENDOR.mkdir(parents=True, exist_ok=True)
    (VENDOR / "icons.json").write_text(json.dumps(outlines(files[SPRITE], names)), encoding="utf-8")
    write_list("fetched.json", {name: files[path] for name, path in SCRIPTS.items()})


def own() -> None:
    folder = VENDOR.parent
    write_list("own.json", {path.name: path.read_bytes() for path in sorted(folder.glob("*.*")) if path.is_file()})


if __name__ == "__main__":
    {"fetch": fetch, "own": own}[sys.argv[1]]()

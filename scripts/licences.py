"""What the portal is built from, told from the lock files without a network: `check`, `write` docs/licences.md, `sbom`.

`check` fails for a requirement without exact version or hash, for what is installed and not locked, for a licence that
is not on the list, and for a known hole when PORTAL_ADVISORIES names a folder of OSV records (sec-A50).
"""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
LOCKS = {"run": "requirements.txt", "test": "requirements-dev.txt"}
CARRIERS = "scripts/browser-assets.txt"

#: identifiers of licences that ask for no more than a notice, or for the source of that part itself
ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "LGPL-2.1-only", "LGPL-2.1-or-later"),
    *("LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MIT-CMU", "MPL-1.1", "MPL-2.0", "PSF-2.0", "Zlib"),
    "ZPL-2.1",
}
#: what older distributions write instead of an identifier
WORDS = {
    "apache": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "gnulesserv2orlater": "LGPL-2.1-or-later",
    "gnulesserv2": "LGPL-2.1-only",
    "gnulesserv3": "LGPL-3.0-only",
    "mit": "MIT",
    "mpl11": "MPL-1.1",
    "mpl20": "MPL-2.0",
    "zope": "ZPL-2.1",
}
#: distributions whose own words do not say it; looked up by hand in what they ship
LOOKED_UP = {
    "axe-playwright-python": "MIT",
    "opencv-python-headless": "Apache-2.0 AND LGPL-2.1-or-later",  # the wheel carries FFmpeg
    "pyphen": "LGPL-2.1-or-later OR MPL-1.1",  # one of three to choose from
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "python-stdnum": "LGPL-2.1-or-later",
    "qrcode": "BSD-3-Clause",
    "pi-heif": "BSD-3-Clause AND LGPL-3.0-only",  # the wheel carries libheif and libde265
}
_LINE = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?(==\S+)?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Locked:
    """One line of a lock file with its hashes; `version` is empty when it is not pinned."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def key(self) -> str:
        return re.sub(r"[-_.]+", "-", self.name).lower()


def locked(text: str) -> list[Locked]:
    """The requirements of a lock file, in its order."""
    found = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", "\n" + text):
        line = block.strip()
        if match := _LINE.match(line):
            found.append(Locked(match[1], (match[2] or "").removeprefix("=="), tuple(_HASH.findall(line))))
    return found


def licence_of(name: str) -> str:
    """The licence of an installed distribution as an SPDX expression, or its own words when they say nothing."""
    if name in LOOKED_UP:
        return LOOKED_UP[name]
    about: Any = metadata.distribution(name).metadata
    if said := about.get("License-Expression"):
        return said
    classed = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    words = [spdx for text in classed if (spdx := _as_spdx(text))] or [_as_spdx(about.get("License") or "")]
    return " OR ".join(sorted(set(filter(None, words)))) or (about.get("License") or "unknown").splitlines()[0][:40]


def _as_spdx(words: str) -> str:
    plain = words.strip()
    if plain in ALLOWED:
        return plain
    squeezed = re.sub(r"[^a-z0-9]|license|publicv?|general", "", plain.lower())
    return next((spdx for start, spdx in WORDS.items() if squeezed.startswith(start) or start in squeezed), "")


def is_allowed(expression: str) -> bool:
    """Every part that is joined by AND, and one of those joined by OR, is on the list."""
    flat = expression.replace("(", " ").replace(")", " ")
    return all(any(one.strip() in ALLOWED for one in part.split(" OR ")) for part in flat.split(" AND "))


def pins(lock: Iterable[Locked]) -> Iterator[str]:
    """What is not pinned by version and hash."""
    for one in lock:
        if not one.version or "*" in one.version:
            yield f"{one.name} has no exact version"
        if not one.hashes:
            yield f"{one.name} has no hash"


def installed(lock: Iterable[Locked]) -> Iterator[str]:
    """What is installed otherwise than it is locked. The tools that install are no part of it."""
    wanted = {one.key: one.version for one in lock}
    apart = {"pip", "setuptools", "wheel", "registry-verification-portal"}
    for dist in metadata.distributions():
        key = re.sub(r"[-_.]+", "-", dist.metadata["Name"]).lower()
        if key not in apart and wanted.get(key) != dist.version:
            yield f"{key} {dist.version} is installed, locked is {wanted.get(key, 'nothing')}"


def holes(lock: Iterable[Locked], folder: Path) -> Iterator[str]:
    """Known holes of what is locked, from a folder of OSV records in JSON."""
    mine = {one.key: one for one in lock}
    for path in sorted(folder.rglob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        if record.get("withdrawn"):
            continue
        for about in record.get("affected", []):
            package = about.get("package", {})
            one = mine.get(re.sub(r"[-_.]+", "-", package.get("name", "")).lower())
            if package.get("ecosystem") == "PyPI" and one and _is_affected(one.version, about):
                yield f"{one.name} {one.version}: {record['id']} {record.get('summary', '')}".strip()


def _is_affected(version: str, about: dict[str, Any]) -> bool:
    if version in about.get("versions", []):
        return True
    return any(_in_range(version, one.get("events", [])) for one in about.get("ranges", []) if one["type"] != "GIT")


def _in_range(version: str, events: list[dict[str, str]]) -> bool:
    here, inside = Version(version), False
    for event in events:
        try:
            if "introduced" in event and (event["introduced"] == "0" or here >= Version(event["introduced"])):
                inside = True
            elif ("fixed" in event and here >= Version(event["fixed"])) or (
                "last_affected" in event and here > Version(event["last_affected"])
            ):
                inside = False
        except InvalidVersion:
            continue
    return inside


def carried() -> list[tuple[str, str]]:
    """(name, version) of the browser files that come inside other packages."""
    return [(m[1], m[2]) for m in re.finditer(r"^# (htmx|Bootstrap Icons) ([\d.]+)", _text(CARRIERS), re.MULTILINE)]


def page() -> str:
    """docs/licences.md."""
    running = {one.key for one in locked(_text(LOCKS["run"]))}
    rows = [
        f"| {one.name} | {one.version} | {licence_of(one.key)} | {'run' if one.key in running else 'test'} |"
        for one in locked(_text(LOCKS["test"]))
    ]
    rows += [f"| {name} | {version} | MIT | in the browser |" for name, version in carried()]
    return f"""# Whose code this is built from

Written by `make audit` from the lock files; why each is there: [dependencies.md](dependencies.md).
Licences that are taken: {", ".join(sorted(ALLOWED))}.

| package | version | licence | for |
| --- | --- | --- | --- |
{chr(10).join(rows)}
"""


def bill() -> dict[str, Any]:
    """The list of parts as CycloneDX 1.6: what runs, nothing of the tests. The same lock gives the same document."""
    lock = locked(_text(LOCKS["run"]))
    parts = [_part(one) for one in lock]
    for name, version in carried():
        licence = [{"license": {"id": "MIT"}}]
        parts.append({"type": "library", "name": name, "version": version, "licenses": licence})
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(parts, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "registry-verification-portal"}},
        "components": parts,
    }


def _part(one: Locked) -> dict[str, Any]:
    purl = f"pkg:pypi/{one.key}@{one.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
        "licenses": [{"expression": licence_of(one.key)}],
        "hashes": [{"alg": "SHA-256", "content": text} for text in one.hashes],
    }


def faults() -> list[str]:
    """Everything that is wrong, one line each."""
    locks = {name: locked(_text(path)) for name, path in LOCKS.items()}
    found = [f"{LOCKS[name]}: {fault}" for name, lock in locks.items() for fault in pins(lock)]
    tested = {one.key: one.version for one in locks["test"]}
    other = [one for one in locks["run"] if tested.get(one.key) != one.version]
    found += [f"{one.name} is tested in another version than it runs in" for one in other]
    found += installed(locks["test"])
    licences = [(one.key, licence_of(one.key)) for one in locks["test"]]
    found += [f"{name}: the licence {text} is not on the list" for name, text in licences if not is_allowed(text)]
    if folder := os.environ.get("PORTAL_ADVISORIES"):
        found += holes(locks["test"], Path(folder))
    return found


def _text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def main(args: list[str]) -> int:
    """`check`, `write`, or `sbom FILE`; exit status 1 with a line for each fault."""
    match args:
        case ["check"]:
            found = faults() + (
                [] if PAGE.exists() and PAGE.read_text("utf-8") == page() else ["docs/licences.md is old"]
            )
            advised = bool(os.environ.get("PORTAL_ADVISORIES"))
            print(
                "known holes: looked up" if advised else "known holes: not looked up, PORTAL_ADVISORIES names no folder"
            )
            print(
                "\n".join(found)
                or f"{len(locked(_text(LOCKS['test'])))} packages: pinned, hashed, licences on the list"
            )
            return 1 if found else 0
        case ["write"]:
            PAGE.write_text(page(), "utf-8")
            return 0
        case ["sbom", path]:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(json.dumps(bill(), indent=1) + "\n", "utf-8")
            return 0
    print("licences.py: check, write, or sbom FILE", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Is a name, number, address, telephone, code or password readable anywhere? The whole way, then a search.

    python -m benchmarks.leaks [--json] [--postgres] [--pupils N] [--write]

A real server (`portal serve`) with folders of its own for everything it keeps; registrar, families, teacher and leader
go the way of a sheet in real browsers with profiles on disk; a backup is made. Then every file of database, write-ahead
log, store, backup, spool, temporary folder, log and browser profiles, every row, every address that was asked for and
all that browsers keep is searched for some hundred texts in 26 dresses: UTF-8, UTF-16, GB18030, each also in base64 and
hexadecimal, in addresses and JSON. The search is done while the server runs and once more after its end.

- `found`: what was found where; it should be empty.
  A family's own telephone number, its login, may be remembered by its own browser and is not counted there.
- `planted`: of three leaks of our own (database, temporary file, log) so many are found; it should be 3.

`--write` puts the table into docs/security.md.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks import leaks_path, running
from benchmarks.leaks_needles import Found, Needles

#: folder below the temporary one -> what it is called in the table
FOLDERS = {
    "var": "database file, write-ahead log, spool", "postgres": "PostgreSQL's files and write-ahead log",
    "uploads": "store", "backup": "backup", "tmp": "temporary folder", "browsers": "profiles of the browsers",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--pupils", type=int, default=30, metavar="N")
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-leaks-") as folder:
        found = measure(Path(folder), chosen.pupils, chosen.postgres)
    if chosen.write:
        from scripts import measured

        measured.write("leaks-postgresql" if chosen.postgres else "leaks", as_table(found))
    print(json.dumps(found, ensure_ascii=False) if chosen.json else as_table(found))
    raise SystemExit(0 if not found["found"] and found["planted"] == 3 else 1)


def measure(folder: Path, count: int, postgres: bool) -> dict[str, Any]:
    """All figures; see the module."""
    for name in ("var", "tmp", "uploads", "browsers", "out"):
        (folder / name).mkdir()
    with running.database(folder, postgres) as address, _temporary(folder / "tmp"):
        environment = running.settings(folder, address)
        app = running.application(environment)
        _prepare(app)
        with running.server(environment, folder):
            with leaks_path.browsers(environment["PORTAL_BASE_URL"], folder / "browsers") as seen:
                leaks_path.walk(app, seen, folder / "out", count)
            _backup(app, folder)
            needles = Needles(leaks_path.texts(app))
            searched = search(app, folder, needles, seen)
        after = search(app, folder, needles, seen)
        leaks_path.plant(app, folder, sorted(needles.texts["name"])[0])
        planted = {one.where.partition(":")[0] for one in search(app, folder, needles, seen)["hits"]}
        app.extensions["portal.readers"].close()
    hits = {one for one in searched["hits"] | after["hits"] if not _own(one)}
    return {
        "database": "postgresql" if postgres else "sqlite",
        "texts": needles.count(),
        "kinds": {kind: len(texts) for kind, texts in needles.texts.items()},
        "places": after["places"],
        "found": sorted({(one.kind, one.where, one.dress) for one in hits}),
        "planted": len(planted & {"rows", "tmp", "log"}),
    }


def _own(one: Found) -> bool:
    """A telephone keeps its owner's number: it is the login, and browsers remember logins."""
    return one.kind == "own login" and one.where.startswith("browsers: phone-")


@contextmanager
def _temporary(folder: Path) -> Iterator[None]:
    """Whatever the server puts into a temporary folder can be found there."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before


def _prepare(app: Flask) -> None:
    from portal.models import db
    from portal.models.schema import migrating, upgrade

    with app.app_context():
        with migrating(db.engine) as connection:
            upgrade(connection)
        leaks_path.province()
        for engine in db.engines.values():
            engine.dispose()


def _backup(app: Flask, folder: Path) -> None:
    from portal.models import db
    from portal.services import backing_up

    with app.app_context():
        backing_up.make(folder / "backup", datetime.now(UTC))
        db.session.remove()


def search(app: Flask, folder: Path, needles: Needles, seen: leaks_path.Browsers) -> dict[str, Any]:
    """`hits`, and what was searched: [place, how many things, bytes]."""
    hits, places = set[Found](), []
    for name, called in FOLDERS.items():
        if (folder / name).is_dir():
            found, files, size = needles.in_folder(folder / name, name)
            hits |= found
            places.append([called, files, size])
    found = needles.in_file(folder / "server.log", "log")
    places.append(["log", 1, (folder / "server.log").stat().st_size])
    hits |= found
    for called, texts in (("addresses", seen.addresses), ("kept by browsers", seen.kept), ("rows", list(rows(app)))):
        found, count = needles.in_texts(texts, called)
        hits |= found
        places.append([{"addresses": "addresses asked for"}.get(called, called), count, sum(map(len, texts))])
    return {"hits": hits, "places": places}


def rows(app: Flask) -> Iterator[bytes]:
    """Every row, whatever the database does to store it."""
    from sqlalchemy import inspect, text

    from portal.models import db
    from portal.models.base import looking

    with app.app_context(), looking(), db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                plain = (value if isinstance(value, bytes) else str(value).encode() for value in row)
                yield table.encode() + b" " + b" ".join(plain)


def as_table(found: dict[str, Any]) -> str:
    """For docs/security.md."""
    kinds = ", ".join(f"{count} {kind}s" for kind, count in found["kinds"].items()).replace("addresss", "addresses")
    lines = ["| searched | things | MB | found |", "| --- | ---: | ---: | ---: |"]
    names = {called: name for name, called in FOLDERS.items()} | {"addresses asked for": "addresses"}
    for called, count, size in found["places"]:
        here = [one for one in found["found"] if one[1].removeprefix("name of ").startswith(names.get(called, called))]
        lines.append(f"| {called} | {count} | {size / 1e6:.1f} | {len(here)} |")
    told = (
        f"{found['texts']} texts ({kinds}) in 26 dresses, on {found['database']}; of 3 planted leaks {found['planted']}"
    )
    command = f"python -m benchmarks.leaks{' --postgres' if found['database'] == 'postgresql' else ''} --write"
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return "\n".join([*lines, "", f"{told} were found. `{command}`, {day}."])


if __name__ == "__main__":
    main()

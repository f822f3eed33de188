"""How fast one value of column entry is saved: `python -m benchmarks.entry [--json] [--pupils 2000] [--saves 200]`.

A school of so many pupils of which every second family wrote a new telephone number; an operator has rows of it before
her and saves them one after the other through the WSGI interface, as the browser does. Server time of one save, from
the request to the row that comes back, in milliseconds: median and 95th percentile; beside them what it takes to open
the column and to get the next rows.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask

#: the first saves load what is loaded once
WARM_UP = 5


def school(pupils: int, folder: Path) -> Flask:
    """A school in a folder of its own, unlocked, with sheets that wait for entry."""
    from portal import create_app
    from portal.commands import demo_life, demo_province
    from portal.models import db
    from portal.models.schema import upgrade
    from portal.settings import Settings

    app = create_app(Settings(var=str(folder), storage_url=f"file://{folder / 'uploads'}", trial=True))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        with db.engine.begin() as connection:
            upgrade(connection)
        demo_province.build(1, pupils)
        demo_life.unlock()
        _write()
    return app


def _write() -> None:
    """Every second family wrote a telephone number, every sixth a postcode as well."""
    from sqlalchemy import select

    from portal.models import Sheet, db
    from portal.rules.workflow import SheetState
    from portal.services.readings import new_change

    for n, sheet in enumerate(db.session.scalars(select(Sheet).where(Sheet.in_scope).order_by(Sheet.path, Sheet.id))):
        if n % 2:
            continue
        sheet.state, sheet.written = SheetState.PASSED, 1 + (n % 6 == 0)
        new_change(sheet, "phone")
        if n % 6 == 0:
            new_change(sheet, "postcode")
    db.session.commit()


def measure(app: Flask, saves: int) -> dict[str, Any]:
    """Milliseconds of so many saves, one after the other."""
    from bs4 import BeautifulSoup

    from portal.commands.demo_province import PASSWORD

    client, scripted = app.test_client(), {"HX-Request": "true"}
    assert client.post("/sign-in", data={"login": "operator", "password": PASSWORD}).status_code == 303
    times: list[float] = []
    opened: list[float] = []
    spent = 0.0
    while len(times) < saves + WARM_UP:
        begun = time.perf_counter()
        answer = client.post("/staff/columns/open", data={"item": "phone"}, headers=scripted)
        opened.append((time.perf_counter() - begun) * 1000)
        rows = BeautifulSoup(answer.text, "html.parser").select("[data-row][data-outcome=open]")
        assert rows, "more pupils are needed for so many saves"
        for row in rows:
            version = row.select_one("[name=version]")
            assert version is not None
            data = {"do": "save", "value": f"154{len(times):08d}", "version": version["value"], "item": "phone"}
            begun, worked = time.perf_counter(), time.process_time()
            answer = client.post(str(row["action"]), data=data, headers=scripted)
            times.append((time.perf_counter() - begun) * 1000)
            spent += time.process_time() - worked
            assert answer.status_code == 200, answer.text
    return _told(times[WARM_UP : WARM_UP + saves], opened) | {"cpu_ms_a_save": round(spent * 1000 / len(times), 1)}


def _told(times: list[float], opened: list[float]) -> dict[str, Any]:
    return {
        "saves": len(times),
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "slowest_ms": round(max(times), 1),
        "next_rows_median_ms": round(statistics.median(opened), 1),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pupils", type=int, default=2000)
    parser.add_argument("--saves", type=int, default=200)
    args = parser.parse_args()
    os.environ["PORTAL_TRIAL"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        app = school(args.pupils, Path(folder))
        found = {"pupils": args.pupils, **measure(app, args.saves)}
        app.extensions["portal.readers"].close()
    print(json.dumps(found, ensure_ascii=False, indent=None if args.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

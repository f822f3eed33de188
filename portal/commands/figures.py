"""`portal figures`: the counts of a place, and the recount that must agree with them."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.commands.acting import acting_for
from portal.models import Place, Round, db
from portal.rules.figures import MEASURES
from portal.rules.roles import Level
from portal.services import figures, lists
from portal.services.refusals import NotFound


def register(groups: Any) -> None:
    """Add the group to the command line."""
    group = groups.add_parser("figures", help="counts of a place; `recount` compares them with the sheets")
    group.add_argument("--place", help="division code, school code or SCHOOL/CLASS")
    group.add_argument("--round", type=int, metavar="YEAR", help="the year of the round (default: the present one)")
    group.add_argument("--json", action="store_true")
    group.set_defaults(func=show)
    commands = group.add_subparsers(dest="command")
    recounting = commands.add_parser("recount", help="count the sheets themselves and compare")
    recounting.set_defaults(func=recount)


def _round(year: int | None, path: str) -> Round:
    if year is None:
        found = figures.current_round(path) if path else db.session.scalar(select(Round).order_by(Round.begins.desc()))
    else:
        query = select(Round).where(Round.year == year).order_by(Round.begins.desc())
        found = next((r for r in db.session.scalars(query) if path.startswith(r.path)), None)
    if found is None:
        raise NotFound
    return found


def show(args: argparse.Namespace, app: Flask) -> int:
    """Print the counts of a place: {"place", "name", "round", "counts": {measure: n}}."""
    if not args.place:
        print("portal figures: --place is needed (a division code, a school code or SCHOOL/CLASS)", file=sys.stderr)
        return 2
    top = db.session.scalar(select(Place).order_by(Place.path).limit(1))
    if top is None:
        raise NotFound
    everywhere = acting_for(Place(level=Level.MINISTRY, code="", name="", path=""))
    place = lists.place_coded(everywhere, args.place)
    found = _round(args.round, place.path)
    figures.fold_all()
    counts = {m.value: n for m, n in figures.counts_below(found.id, place.path).items()}
    if args.json:
        print(
            json.dumps(
                {"place": args.place, "name": place.name, "round": found.year, "counts": counts}, ensure_ascii=False
            )
        )
    else:
        print(f"{place.name}  {found.title}")
        for measure in MEASURES:
            print(f"  {measure.value:<11}{counts[measure.value]:>12,}")
    return 0


def recount(args: argparse.Namespace, app: Flask) -> int:
    """Compare every figure of every round with the sheets; exit status 1 and a line each where they differ."""
    wrong = 0
    for found in db.session.scalars(select(Round).order_by(Round.begins)):
        for path, measure, folded, counted in figures.recount(found.id):
            wrong += 1
            print(f"{found.title}  {path}  {measure.value}: figure {folded}, sheets {counted}")
    print("figures and sheets agree" if not wrong else f"{wrong} figures differ from the sheets")
    return 1 if wrong else 0

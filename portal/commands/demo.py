"""`portal demo`: a made-up province to try everything with, and its sign-ins."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal.commands import (
    demo_applications,
    demo_columns,
    demo_families,
    demo_findings,
    demo_identity,
    demo_maintenance,
    demo_province,
    demo_registry,
    demo_security,
)
from portal.models import Guardianship, Leaf, Place, RegistrationCode, Sheet, db
from portal.models.schema import migrating, upgrade
from portal.paper.identity import qr_text_front
from portal.rules.workflow import SheetState
from portal.services import nightly
from portal.services.photos import paper_key
from portal.settings import Settings


def register(groups: Any) -> None:
    """Add the command to the command line."""
    command = groups.add_parser("demo", help="a made-up province (divisions 97-99 only)")
    command.add_argument("--schools", type=int, default=12, metavar="N")
    command.add_argument("--pupils", type=int, default=2400, metavar="N", help="in total")
    command.add_argument("--seed", type=int, default=1, metavar="N")
    command.add_argument("--bare", action="store_true", help="no printed class and no photographs")
    command.add_argument("--if-missing", action="store_true", help="only print the sign-ins when there is one already")
    command.set_defaults(func=demo, trial=True)


def demo(args: argparse.Namespace, app: Flask) -> int:
    """Make the province in an empty database and print one sign-in per role."""
    settings: Settings = app.extensions["portal.settings"]
    if settings.https:
        print(
            "portal demo: this is a production setting (PORTAL_HTTPS); the demo is for a machine of your own",
            file=sys.stderr,
        )
        return 1
    if args.schools < 1 or args.pupils < args.schools:
        print("portal demo: at least one school, and one pupil a school", file=sys.stderr)
        return 2
    db.session.rollback()
    with migrating(db.engine) as connection:
        upgrade(connection)
    told = Path(settings.var) / "demo.txt"
    if db.session.scalar(select(func.count()).select_from(Place)):
        if args.if_missing and told.exists():
            print(told.read_text(encoding="utf-8"))
            return 0
        print("portal demo: the database is not empty; take another DATABASE_URL or remove var/", file=sys.stderr)
        return 1
    for anchors in settings.anchor_folder.glob("anchors-*.jsonl"):
        anchors.unlink()  # of a province that is gone
    random.seed(args.seed)
    made = demo_province.build(args.schools, args.pupils)
    first = db.session.get_one(Place, made.schools[0].id)
    _liven(first, args.bare)
    nightly.ask(always=True)
    text = _words(made, first, settings)
    told.touch(mode=0o600)
    told.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _liven(first: Place, is_bare: bool) -> None:
    """Unlock the first school and, unless only the places are wanted, let everybody do something."""
    from portal.commands import demo_life

    registrar = demo_life.unlock()
    demo_security.add()
    if is_bare:
        return
    demo_identity.add(first, registrar)
    demo_findings.add(first, registrar)
    demo_applications.add(first, registrar)
    demo_life.bring_to_life(first, registrar)
    demo_maintenance.add(first)
    demo_columns.add()
    demo_registry.add(first, registrar)


def _words(made: demo_province.Demo, first: Place, settings: Settings) -> str:
    lines = [f"\n试验省  {settings.base_url}   (made-up people only)", ""]
    lines.append(f"  password of all of them: {demo_province.PASSWORD}")
    seen = set()
    for role, place, login in made.sign_ins:
        key = (role, db.session.get_one(Place, place.id).level)
        if key not in seen:
            seen.add(key)
            lines.append(f"  {login:<12} {role.value.lower():<10} {db.session.get_one(Place, place.id).name}")
    if db.session.scalar(select(Guardianship.id).limit(1)):
        lines.append(f"  {demo_families.PHONE:<12} parent     {first.name}")
        lines.append(f"  {demo_maintenance.PHONE:<12} parent     {first.name}")
    lines += demo_security.words()
    leaf = _sheet_to_try(first)
    if leaf is not None:
        token = qr_text_front("X", leaf.number, paper_key()).rsplit("/", 1)[1]
        lines += ["", f"  a family's sheet, as the QR of page 1 opens it: {settings.base_url}/s/{token}"]
        lines += [f"  with the registration code of page 2:           {settings.base_url}/r   {_code_of(leaf)}"]
    lines += ["", f"  portal sheets print --school {first.code} --out sheets.pdf", ""]
    return "\n".join(lines)


def _sheet_to_try(first: Place) -> Leaf | None:
    """A paper at home: handed out, no photo yet, nobody has claimed it."""
    claimed = select(RegistrationCode.sheet_id).where(RegistrationCode.claimed_at.is_not(None))
    query = (
        select(Leaf)
        .join(Sheet, Leaf.sheet_id == Sheet.id)
        .where(Sheet.school_id == first.id, Sheet.state == SheetState.ISSUED, Leaf.superseded_by.is_(None))
        .where(Sheet.id.not_in(claimed))
        .order_by(Leaf.number)
    )
    return db.session.scalar(query.limit(1))


def _code_of(leaf: Leaf) -> str:
    live = (RegistrationCode.sheet_id == leaf.sheet_id, RegistrationCode.live)
    code: str = db.session.scalars(select(RegistrationCode).where(*live)).one().code
    return code

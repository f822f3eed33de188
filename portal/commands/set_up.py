"""`portal set-up`: the first day of a province - its places from a file, the first people, a round."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask

from portal.rules.words import N_
from portal.services import setting_up
from portal.services.place_rows import BadRows, read_rows
from portal.services.refusals import Refusal

_MOST_LINES = 30


def register(groups: Any) -> None:
    """Add the group to the command line."""
    group = groups.add_parser("set-up", help="the first day: places, people, a round")
    commands = group.add_subparsers(dest="command", required=True)
    places = commands.add_parser("places", help="make or update places; columns level, code, name, parent_code, ...")
    places.add_argument("file", type=Path, metavar="FILE.csv")
    places.set_defaults(func=put_places)
    account = commands.add_parser("account", help="a person at an authority or school; prints the first password once")
    account.add_argument("--place", required=True, metavar="CODE", help="division code or school code")
    account.add_argument("--role", required=True, help="registrar, leader, operator; of authorities also security")
    account.add_argument("--name", required=True, help="the real name")
    account.add_argument("--login", help="default: code and role")
    account.set_defaults(func=make_account)
    help_ = commands.add_parser("reset", help="a first password for somebody nobody above can help, or a lost phone")
    help_.add_argument("--login", required=True)
    help_.add_argument("--second", action="store_true", help="take the second step away; the password stays")
    help_.set_defaults(func=reset)
    opening = commands.add_parser("round", help="open a round of a province")
    opening.add_argument("--province", required=True, metavar="CODE", help="division code of the province")
    opening.add_argument("--title", required=True)
    opening.add_argument("--begins", required=True, metavar="YYYY-MM-DD")
    opening.add_argument("--ends", required=True, metavar="YYYY-MM-DD")
    opening.add_argument("--kind", default="full", metavar="full|new", help="all pupils (default) or new ones only")
    opening.add_argument("--cut-off", metavar="YYYY-MM-DD", help="default: 31 March of the year it begins in")
    opening.set_defaults(func=begin_round)


def put_places(args: argparse.Namespace, app: Flask) -> int:
    """All rows or none; one line on standard error for each row that is wrong."""
    try:
        done = setting_up.put_places(read_rows(args.file.read_bytes()))
    except BadRows as bad:
        for row, fault in bad.faults[:_MOST_LINES]:
            print(f"row {row}: {fault}", file=sys.stderr)
        if len(bad.faults) > _MOST_LINES:
            print(f"... {len(bad.faults) - _MOST_LINES} more", file=sys.stderr)
        return 1
    print(", ".join(f"{done[what]} {what}" for what in ("made", "updated", "unchanged")))
    return 0


def make_account(args: argparse.Namespace, app: Flask) -> int:
    """Login and first password, once: it is stored only as a hash and must be replaced at the first sign-in."""
    place = setting_up.place_coded(args.place)
    user, password = setting_up.make_account(place, args.role, args.name, args.login)
    print(f"login {user.login}\nfirst password {password}")
    return 0


def reset(args: argparse.Namespace, app: Flask) -> int:
    """The first password once, or that the second step is gone; 1 for an unknown login."""
    user, password = setting_up.reset(args.login, args.second)
    print(f"login {user.login}\n" + (f"first password {password}" if password else "no second step; sign-ins ended"))
    return 0


def begin_round(args: argparse.Namespace, app: Flask) -> int:
    """The round, and how many pupils it begins with."""
    begins, ends = _day(args.begins), _day(args.ends)
    cut_off = _day(args.cut_off) if args.cut_off else None
    province = setting_up.place_coded(args.province)
    made, expected = setting_up.begin_round(province, args.title, begins, ends, args.kind, cut_off)
    print(f"{made.title}  {made.begins} to {made.ends}, cut-off {made.cut_off}: {expected} sheets expected")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(N_("日期要写成 2026-03-01 这样，这里是“%(found)s”。"), found=text) from None

"""`portal compliance`: the yearly evidence for the supervising authority, and whose data an incident concerns."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import force_locale, gettext

from portal.commands.acting import whole_file
from portal.models import db
from portal.paper.yearly import Block, Yearly, print_yearly
from portal.rules.clock import SHANGHAI, local, today
from portal.rules.consent import VERSION
from portal.rules.words import N_
from portal.services import affected, compliance
from portal.services.compliance import Rows, Section, Year
from portal.services.history import record_deployment
from portal.settings import Settings

_LOCALES = {"zh": "zh_CN", "en": "en"}


def register(groups: Any) -> None:
    """Add the group to the command line."""
    commands = groups.add_parser("compliance", help="evidence for those who supervise").add_subparsers(
        dest="command", required=True
    )
    telling = commands.add_parser("report", help="how the data of minors were handled in a year; without personal data")
    telling.add_argument("--year", type=int, default=today().year, metavar="YYYY")
    telling.add_argument("--json", action="store_true")
    telling.add_argument("--out", type=Path, metavar="FILE.pdf", help="the same as a PDF to sign")
    telling.add_argument("--lang", choices=sorted(_LOCALES), default="zh", help="of text and PDF (default zh)")
    telling.set_defaults(func=report)
    naming = commands.add_parser("affected", help="pupils that steps of a stretch of time concern, as JSON")
    for name, words in (("from", "first moment"), ("to", "the moment after the last")):
        naming.add_argument(f"--{name}", dest=name + "_", required=True, type=_moment, metavar="TIME", help=words)
    naming.add_argument("--user", metavar="LOGIN", help="only what this account did")
    naming.add_argument("--out", type=Path, metavar="FILE", help="where to write, mode 0600 (default: standard output)")
    naming.set_defaults(func=list_affected)


def _moment(text: str) -> datetime:
    """`2026-03-01` or `2026-03-01T14:30` in Shanghai."""
    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=SHANGHAI)


def report(args: argparse.Namespace, app: Flask) -> int:
    """Print it as text or JSON, and write the PDF when asked; exit status 1 for a year that has not begun."""
    try:
        year = Year.of(args.year)
    except ValueError as error:
        print(f"portal compliance report: {error}", file=sys.stderr)
        return 1
    sections = compliance.report(year, settings_rows(app.extensions["portal.settings"]))
    with app.test_request_context(), force_locale(_LOCALES[args.lang]):
        page = page_of(year, sections, args.lang)
    if args.out is not None:
        with whole_file(args.out) as out:
            print_yearly(page, out)
    if args.json:
        print(json.dumps(compliance.as_document(year, sections), ensure_ascii=False, indent=1))
    elif args.out is None:
        print(as_text(page))
    record_deployment("COMPLIANCE_REPORT", year=year.number)
    db.session.commit()
    return 0


def settings_rows(settings: Settings) -> Rows:
    """How this deployment is set up: nothing secret, no address of a machine."""
    kinds = {"sqlite": "SQLite", "postgresql+psycopg": "PostgreSQL", "file": "folder", "s3": "S3"}
    return [
        ("https", N_("只走加密连接"), "1" if settings.https else "0"),
        ("second step", N_("第二步的范围"), settings.second_step_for),
        ("idle minutes", N_("工作人员几分钟不用就退出"), settings.idle_minutes),
        ("idle family minutes", N_("家长几分钟不用就退出"), settings.idle_family_minutes),
        ("absolute hours", N_("最长几小时要重新登录"), settings.absolute_hours),
        ("profile", N_("等保口径"), settings.profile or "–"),
        ("database", N_("数据库"), kinds[settings.database.partition(":")[0]]),
        ("store", N_("文件存储"), kinds[settings.storage.partition(":")[0]]),
        ("consent text", N_("现在的同意说明版本"), VERSION),
    ]


def page_of(year: Year, sections: Sequence[Section], lang: str) -> Yearly:
    """The report in words; call it inside a locale."""
    until = local(min(year.at, year.ends))
    return Yearly(
        lang="zh-Hans" if lang == "zh" else "en",
        title=gettext("%(year)s 年未成年人个人信息处理情况", year=year.number),
        at=gettext("数到 %(day)s", day=f"{until:%Y-%m-%d %H:%M}"),
        lead=gettext("由系统从操作记录和数据库里数出来，不含任何人的姓名和号码。供合规审计用。"),
        blocks=[Block(gettext(one.title), [(gettext(row[1]), str(row[2])) for row in one.rows]) for one in sections],
        signatures=[gettext("学籍主管领导"), gettext("安全管理员"), gettext("审计员")],
    )


def as_text(page: Yearly) -> str:
    """What is printed on a terminal."""
    lines = [page.title, page.at, page.lead]
    for block in page.blocks:
        lines += ["", block.title, *(f"  {words}: {value}" for words, value in block.rows)]
    return "\n".join(lines)


def list_affected(args: argparse.Namespace, app: Flask) -> int:
    """JSON, one object a pupil with a masked name; exit status 1 for an unknown account or an empty stretch."""
    try:
        if args.from_ >= args.to_:
            raise ValueError("--from must be before --to")
        found = affected.affected(args.from_, args.to_, args.user)
    except ValueError as error:
        print(f"portal compliance affected: {error}", file=sys.stderr)
        return 1
    rows = [
        {"pupil": one.pupil_id.hex, "school": one.school, "class": one.class_name, "name": one.name, "steps": one.moves}
        for one in found
    ]
    text = json.dumps({"pupils": len(rows), "rows": rows}, ensure_ascii=False, indent=1) + "\n"
    if args.out is None:
        sys.stdout.write(text)
        return 0
    with whole_file(args.out) as out:
        out.write(text.encode())
    print(f"{len(rows)} pupils in {os.fspath(args.out)}")
    return 0

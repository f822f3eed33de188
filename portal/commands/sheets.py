"""`portal sheets`: print a school's sheets, show the geometry of the form, read photographs and scans."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.commands.acting import acting_for, school_coded
from portal.models import Place, db
from portal.paper import layout
from portal.paper.layout import Layout
from portal.rules.numbers import leaf_text
from portal.services import photos, print_files, printing
from portal.services.print_checks import Finding
from portal.services.print_content import Selection
from portal.services.refusals import NotFound


def register(groups: Any) -> None:
    """Add the group to the command line."""
    commands = groups.add_parser("sheets", help="confirmation sheets").add_subparsers(dest="command", required=True)
    out = commands.add_parser("print", help="print a school or one class into a PDF")
    out.add_argument("--school", required=True, metavar="CODE", help="the school's 10-digit code")
    out.add_argument("--class", dest="class_no", metavar="NO", help="class number (default: the whole school)")
    out.add_argument("--out", type=Path, required=True, metavar="FILE.pdf")
    out.add_argument("--json", action="store_true")
    out.set_defaults(func=print_sheets)
    old = commands.add_parser("sweep", help="remove files of print runs that nobody needs any more")
    old.add_argument("--json", action="store_true")
    old.set_defaults(func=sweep)
    boxes = commands.add_parser("layout", help="every box of every page in millimetres")
    boxes.add_argument("--json", action="store_true")
    boxes.set_defaults(func=show_layout)
    seen = commands.add_parser("read", help="read photographs or scanned PDFs of sheets")
    seen.add_argument("files", type=Path, nargs="+", metavar="FILE")
    seen.add_argument("--json", action="store_true", help="one JSON line per page")
    seen.set_defaults(func=read)


def print_sheets(args: argparse.Namespace, app: Flask) -> int:
    """Print at once: {"run", "pages_per_sheet", "sheets": [{"student_number", "sheet", "first_page"}], "seconds",
    "peak_mb"}. Refused while the school is locked or its window closed (R94)."""
    school = school_coded(args.school)
    chosen = Selection((_class_of(school, args.class_no).id,)) if args.class_no else Selection()
    part = args.out.with_name(f".{args.out.name}.part")
    try:
        with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            done = printing.print_now(acting_for(school), chosen, file, _tell)
        part.replace(args.out)
    finally:
        part.unlink(missing_ok=True)
    names = ("student_number", "sheet", "first_page")
    report = {
        "run": done.run,
        "pages_per_sheet": done.pages_per_sheet,
        "sheets": [dict(zip(names, sheet, strict=True)) for sheet in done.sheets],
        "seconds": done.seconds,
        "peak_mb": done.peak_mb,
    }
    if args.json:
        print(json.dumps(report))
    else:
        print(f"run {done.run}: {len(done.sheets)} sheets in {args.out}, {done.seconds} s, {done.peak_mb} MB at most")
    return 0


def _tell(finding: Finding) -> None:
    """One line for what will not be printed whole, before anything is printed."""
    what = f"no font has {finding.signs}" if finding.signs else "too long, will be cut"
    print(f"{finding.class_name} {finding.seat} {finding.name}: {finding.item}: {what}", file=sys.stderr)


def sweep(args: argparse.Namespace, app: Flask) -> int:
    """What the worker does every ten minutes; {"removed"}."""
    removed = print_files.sweep()
    print(json.dumps({"removed": removed}) if args.json else f"{removed} files of print runs removed")
    return 0


def _class_of(school: Place, number: str) -> Place:
    found = db.session.scalar(select(Place).where(Place.parent_id == school.id, Place.code == number.strip()))
    if found is None:
        raise NotFound
    return found


def show_layout(args: argparse.Namespace, app: Flask) -> int:
    """The form that is printed now: version, pages, marks, QR and boxes; origin top left."""
    form = layout.as_json(layout.current())
    if args.json:
        print(json.dumps(form))
        return 0
    print(f"layout version {form['version']}")
    for page in form["pages"]:
        print(f"page {page['page']}: {page['width_mm']} x {page['height_mm']} mm, {len(page['marks'])} marks")
        for box in page["boxes"]:
            size = f"{box['w_mm']:6.1f} x {box['h_mm']:5.1f}"
            print(f"  {box['x_mm']:6.1f} {box['y_mm']:6.1f}  {size}  {box['kind']:<9} {box['item']}")
    return 0


def read(args: argparse.Namespace, app: Flask) -> int:
    """Read every page of the files, in their order; what is no sheet is said, never an error."""
    for file in args.files:
        with file.open("rb"):  # a name that cannot be opened ends the command before anything is read
            pass
    for file in args.files:
        for found in _pages(file):
            if args.json:
                print(json.dumps(found, ensure_ascii=False), flush=True)
            else:
                where = f"{found['file']} page {found['page_in_file']}"
                what = f"sheet {found['sheet'] or '-'} side {found['page'] or '-'}"
                print(f"{where}: {found['verdict']}, {what} {' '.join(found['reasons'])}".rstrip(), flush=True)
    return 0


def _pages(file: Path) -> Iterator[dict[str, Any]]:
    from portal.paper import reading  # only who reads loads the picture libraries

    key = photos.paper_key()
    for number, seen in enumerate(reading.read_pages(file.read_bytes(), key, _layout_of), start=1):
        leaf = photos.leaf_of(seen.leaf) if seen.certain and seen.leaf is not None else None
        yield {
            "file": str(file),
            "page_in_file": number,
            "sheet": leaf_text(leaf.number) if leaf else None,
            "page": seen.page if leaf else None,
            "student_number": leaf.sheet.pupil.record.get("student_number") if leaf else None,
            "verdict": seen.verdict,
            "reasons": list(seen.reasons),
            "corners": seen.corners,
            "signed": seen.signed,
            "written": list(seen.written),
            "ms": seen.ms,
        }
        db.session.rollback()


def _layout_of(number: int) -> Layout:
    """The layout a leaf was printed with; LookupError for a leaf that this deployment never printed."""
    leaf = photos.leaf_of(number)
    if leaf is None:
        raise LookupError(number)
    return layout.by_version(leaf.layout_version)

"""One person alone has no way to a file with numbers in full (sec-A35): every route that hands a file over, asked by
everybody, and what is inside looked through."""

from __future__ import annotations

import inspect
import io
import re
import zipfile
from collections.abc import Iterator

import pypdfium2
import pytest
from flask import Flask

from portal.models import db
from portal.rules.access import may
from portal.rules.items import ITEMS
from portal.services import rosters
from portal.web.guard import action_of
from tests import roster_files as files
from tests.access.door import Answer, opened
from tests.access.rows import NOTHING, Matrix
from tests.access.test_matrix import SLICE
from tests.access.world import World

#: what one person can have although there are numbers in full in it, and why (docs/decisions, what counts as an export)
ALONE = {
    "staff.print_file": "the paper of the procedure: unlocked with two sign-ins, in its window, from its network",
    "staff.identity_certificates_pdf": "certificates to sign and stamp, only of pupils without a resident ID number",
    "staff.application_slip": "the result of one application for the family of one pupil",
    "staff.roster_faults": "gives a roster back to the very person who sent it",
    "staff.roster_drafts_file": "gives rows back to the very person who sent them",
}
NUMBER = re.compile(r"(?<![0-9A-Za-z])[GJL]?[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
#: numbers of nobody, by which the empty template shows how they are written
EXAMPLES = {item.example for item in ITEMS.values()}
#: what a module writes whose views answer with files
OTHER = re.compile(r"send_file|Content-Disposition|content_type=|mimetype")
#: routes whose file the world has; the more of them, the more the test sees
AT_LEAST = {
    "staff.roster_template",
    "staff.roster_drafts_file",
    "staff.findings_roster",
    "staff.findings_roster_class",
}


@pytest.fixture(scope="module")
def matrix(shared: tuple[Flask, World]) -> Iterator[Matrix]:
    """The world of the matrix, and a roster of which a row was left out."""
    app, world = shared
    people = files.records(3)
    people[0]["phone"] = "1"
    registrar = world.actors["registrar"]
    rosters.confirm(registrar, rosters.preview(registrar, "a.csv", files.text(files.table(people))).id, True)
    with opened(app) as door:
        yield Matrix(app, world, door)
    db.session.remove()


def hands_over(matrix: Matrix, endpoint: str) -> bool:
    """May this view answer with something else than a page? Told by what it writes, or a function that it calls."""
    view = inspect.unwrap(matrix.app.view_functions[endpoint])
    source, module = inspect.getsource(view), inspect.getmodule(view)
    near = inspect.getmembers(module, inspect.isfunction)
    makers = {name for name, found in near if found is not view and OTHER.search(inspect.getsource(found))}
    return bool(OTHER.search(source)) or any(re.search(rf"\b{name}\(", source) for name in makers)


def handed_over(matrix: Matrix) -> Iterator[tuple[str, Answer]]:
    """(endpoint, answer) of everything that is no page, by whoever may ask for it about something of their own."""
    for actor in SLICE:
        who = matrix.actors.get(actor)
        for row in matrix.rows(actor):
            action = action_of(matrix.app, row.endpoint)
            if row.at not in ("class", NOTHING) or action is None or not may(who, action):
                continue
            if not hands_over(matrix, row.endpoint):
                continue
            answer = matrix.door.ask(matrix.world.tokens.get(actor), row.method, *matrix.address(row))
            kind = answer.headers.get("Content-Type", "")
            if answer.status == 200 and not kind.startswith(("text/", "image/")):
                yield row.endpoint, answer


def texts_of(data: bytes) -> str:
    """Everything one can read in a workbook, a PDF or anything else."""
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return "\n".join(
                re.sub(r"<[^>]+>", " ", parts.read(name).decode("utf-8", "replace")) for name in parts.namelist()
            )
    if data.startswith(b"%PDF"):
        with pypdfium2.PdfDocument(data) as pages:
            return "\n".join(page.get_textpage().get_text_range() for page in pages)
    return data.decode("utf-8", "replace")


def test_no_file_with_full_numbers_without_a_second_person(matrix: Matrix) -> None:
    seen, full = set(), set()
    for endpoint, answer in handed_over(matrix):
        seen.add(endpoint)
        if set(NUMBER.findall(texts_of(answer.data))) - EXAMPLES:
            full.add(endpoint)
    assert full <= set(ALONE)
    assert seen >= AT_LEAST, sorted(seen)
    assert "staff.roster_drafts_file" in full, "the test sees numbers where there are some"
    assert set(ALONE) <= set(matrix.app.view_functions)

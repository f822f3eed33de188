"""The whole way of an export in one line, for tests of what is in the file."""

from __future__ import annotations

import re

from portal.models import Export, db
from portal.rules.clock import now
from portal.rules.exports import Kind, Purpose
from portal.rules.roles import Actor, Level, Role
from portal.services import change_copies, export_building, export_files, export_locks, exports
from portal.services.exports import Wanted
from tests.make import Make
from tests.pages import Browser

WORDS = "五月体检，交社区医院"


def proven(actor: Actor, make: Make) -> Actor:
    """The actor, who has just shown the second step."""
    make.sign_in_row(actor).proven_at = now()
    db.session.commit()
    return actor


def roster(place_id: object = None, numbers: bool = True) -> Wanted:
    """A roster with numbers in full."""
    return Wanted(Kind.ROSTER, Purpose.SERVICE, WORDS, place_id, numbers, "医院按证件号建档")  # type: ignore[arg-type]


def registration() -> Wanted:
    """The list of children to register."""
    return Wanted(Kind.REGISTRATION, Purpose.REGISTRY, "报省里查重")


def taken(make: Make, registrar: Actor, wanted: Wanted) -> tuple[str, bytes]:
    """(file name, workbook opened with its password) of an export that the school's leader released."""
    assert registrar.level == Level.SCHOOL
    asked = exports.ask(registrar, wanted)
    exports.release(make.actor(Role.LEADER, make.school()), asked.id, asked.version)
    export_files.build(proven(registrar, make), asked.id)
    return fetched(registrar, asked)


def change_file(make: Make, registrar: Actor, file_id: object) -> tuple[str, bytes]:
    """(file name, workbook) of a copy of a change file, which nobody has to release."""
    return fetched(proven(registrar, make), change_copies.ask(registrar, file_id))  # type: ignore[arg-type]


def fetched(registrar: Actor, export: Export) -> tuple[str, bytes]:
    """Built, its password seen, fetched and opened."""
    export_building.build_now(export.id)
    password = export_files.show_password(registrar, export.id)
    name, content = export_files.fetch(registrar, export.id)
    return name, export_locks.opened(content, password)


def prove(browser: Browser) -> None:
    """Every sign-in there is has just shown the second step."""
    from portal.models import SignIn

    for row in db.session.query(SignIn):
        row.proven_at = now()
    db.session.commit()


def by_browser(browser: Browser, page_address: str) -> bytes:
    """What a registrar gets from the page of an export that is built."""
    prove(browser)
    seen = browser.post(f"{page_address}/password", status=200)
    found = re.search(r'id="password"[^>]*>([^<]+)<', seen.html)
    assert found is not None
    return export_locks.opened(browser.post(f"{page_address}/file", status=200).answer.data, found[1])

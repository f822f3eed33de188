"""A roster exported before a change was accepted here does not take it back (T7, 12)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.models import Pupil, Sheet, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import change_files, pupils, rosters
from portal.services.readings import new_change
from tests import roster_files as files
from tests.make import Make
from tests.services.test_change_files import granted

NEW = "15400001234"


@pytest.fixture
def registrar(make: Make) -> Actor:
    make.round()
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def before() -> bytes:
    """The roster as the registry has it."""
    return files.xlsx(files.table(files.records(1)))


@pytest.fixture
def pupil(registrar: Actor, before: bytes) -> Pupil:
    rosters.confirm(registrar, rosters.preview(registrar, "roster.xlsx", before).id)
    return db.session.scalars(select(Pupil)).one()


def accept(pupil: Pupil, phone: str) -> None:
    """The telephone number on the pupil's sheet is entered, the leader has verified the sheet."""
    sheet = db.session.scalars(select(Sheet).where(Sheet.pupil_id == pupil.id)).one()
    change = new_change(sheet, "phone")
    change.values = change.values | {"entered": phone}
    change.outcome, change.entered_at, sheet.state = "accepted", now(), SheetState.VERIFIED
    pupils.keep_record(pupil, pupil.record | {"phone": phone})
    db.session.commit()


def brought_in(actor: Actor, data: bytes) -> list[tuple[str, str]]:
    """(item, code) of the hints; the import is carried out."""
    row = rosters.preview(actor, "roster.xlsx", data)
    assert row.report["counts"]["bad"] == 0, row.report["faults"]
    hints = [(told["item"], told["code"]) for told in row.report["hints"]]
    rosters.confirm(actor, row.id)
    db.session.expire_all()
    return hints


def test_what_was_accepted_stands_and_is_told(registrar: Actor, pupil: Pupil, before: bytes) -> None:
    accept(pupil, NEW)
    assert ("phone", "T7.kept") in brought_in(registrar, before)
    assert pupil.record["phone"] == NEW


def test_a_granted_number_is_no_fault_of_the_file(make: Make, registrar: Actor, pupil: Pupil, before: bytes) -> None:
    """Otherwise the whole row were bad: key data are not changed by rosters (R103)."""
    granted(make, pupil, name="林拭")
    assert ("name", "T7.kept") in brought_in(registrar, before)
    assert pupil.record["name"] == "林拭"


def test_what_the_registry_has_taken_is_its_own_again(registrar: Actor, pupil: Pupil, before: bytes) -> None:
    old = pupil.record["phone"]
    accept(pupil, NEW)
    file = change_files.make(registrar)
    assert ("phone", "T7.kept") in brought_in(registrar, before), "made, but not taken"
    change_files.taken(registrar, file.id, file.version, "R-1")
    assert brought_in(registrar, before) == []
    assert pupil.record["phone"] == old


def test_a_third_value_is_news_from_the_registry(registrar: Actor, pupil: Pupil) -> None:
    accept(pupil, "15400009999")
    third = [files.records(1)[0] | {"phone": NEW}]
    assert brought_in(registrar, files.xlsx(files.table(third))) == []
    assert pupil.record["phone"] == NEW

"""A run prints what was chosen inside the own school; a choice from elsewhere is no choice (R94, R130)."""

from __future__ import annotations

import pytest

from portal.models import PrintRun, db
from portal.rules.roles import Actor
from portal.services import printing
from portal.services.print_content import Selection
from portal.services.refusals import NotFound, Refusal
from tests.make import Make
from tests.press import may_print


@pytest.fixture
def registrar(make: Make) -> Actor:
    return may_print(make)


@pytest.mark.parametrize("what", ["class", "sheet"])
def test_a_choice_from_another_school_is_not_there_also_beside_an_own_one(
    registrar: Actor, make: Make, what: str
) -> None:
    """R130: neither left out in silence nor told to be one that just cannot be printed."""
    own = make.sheet()
    foreign = make.sheet(pupil=make.pupil(make.class_(make.school("2199000002", "试验市第二小学"))))
    chosen = Selection(class_ids=(own.class_id, foreign.class_id))
    if what == "sheet":
        chosen = Selection(sheet_ids=(own.id, foreign.id))
    with pytest.raises(Refusal) as told:
        printing.start_run(registrar, chosen)
    assert told.type is NotFound
    db.session.rollback()
    assert db.session.query(PrintRun).count() == 0
    printing.start_run(registrar, Selection(chosen.class_ids[:1], chosen.sheet_ids[:1]))
    assert db.session.query(PrintRun).one().sheets == 1

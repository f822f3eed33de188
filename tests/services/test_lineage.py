"""Which leaves of which runs a sheet has, which of them each photo shows, and what became of the leaves of a run."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.models import PrintRun, db
from portal.rules.numbers import leaf_text
from portal.rules.roles import Actor, Role
from portal.services import lineage, photos, print_runs, printing
from portal.services.lineage import Fate
from portal.services.print_content import Selection
from portal.services.refusals import NotFound
from tests.make import Make
from tests.photographs import arrive
from tests.press import Press, may_print, work
from tests.statements import sent


@pytest.fixture
def registrar(make: Make) -> Actor:
    return may_print(make)


WHOLE = Selection()


def run(app: Flask, actor: Actor, chosen: Selection = WHOLE) -> PrintRun:
    made = printing.start_run(actor, chosen)
    work(app)
    db.session.refresh(made)
    return made


def test_a_sheet_tells_its_leaves_and_which_one_each_photo_shows(
    app: Flask, registrar: Actor, make: Make, press: Press
) -> None:
    sheet = make.sheet()
    first = run(app, registrar)
    [paper] = lineage.papers_of(registrar, sheet.id)
    assert (paper.leaf, paper.run, paper.by) == (leaf_text(sheet.leaf_number or 0), 1, registrar.name)
    assert (paper.at, paper.fate, paper.photographed) == (first.at, Fate.WAITING, ())
    print_runs.hand_out_run(registrar, first.id)
    old = photos.leaf_of(sheet.leaf_number or 0)
    run(app, registrar)
    photo = arrive(sheet, old)
    new, old_paper = lineage.papers_of(registrar, sheet.id)
    assert (new.run, new.fate, new.is_shown) == (2, Fate.IN_USE, False)
    assert (old_paper.run, old_paper.fate, old_paper.is_shown) == (1, Fate.REPLACED, True)
    assert old_paper.photographed == (photo.received_at,)


def test_a_run_tells_what_became_of_its_leaves(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    one, two = make.class_(), make.class_(code="2020107", name="六年级（7）班")
    sheets = [
        make.sheet(pupil=make.pupil(class_, class_seat_number=str(n))) for n, class_ in enumerate((one, one, two))
    ]
    first = run(app, registrar)
    print_runs.hand_out_run(registrar, first.id)
    arrive(sheets[1], photos.leaf_of(sheets[1].leaf_number or 0))
    again = run(app, registrar, Selection(sheet_ids=(sheets[0].id,)))
    found = lineage.leaves_of(registrar, first.id)
    assert (found.number, found.total, found.photographed, found.chosen, found.rows) == (1, 3, 1, None, [])
    assert {fate: found.count(fate) for fate in Fate if found.count(fate)} == {Fate.REPLACED: 1, Fate.IN_USE: 2}
    rows = lineage.leaves_of(registrar, first.id, one.id).rows
    assert [(row.seat, row.fate, row.later, row.photographed) for row in rows] == [
        ("0", Fate.REPLACED, again.number, False),
        ("1", Fate.IN_USE, None, True),
    ]
    assert all("＊" in row.name for row in rows)
    only = lineage.leaves_of(registrar, again.id)
    assert only.chosen is not None, "one class is shown at once"
    assert [row.sheet_id for row in only.rows] == [sheets[0].id]


def test_a_whole_class_asks_the_database_no_more_than_one_pupil(
    app: Flask, registrar: Actor, make: Make, press: Press
) -> None:
    sheets = [make.sheet() for _ in range(5)]
    whole, one = run(app, registrar).id, run(app, registrar, Selection(sheet_ids=(sheets[0].id,))).id
    with sent() as for_one:
        lineage.leaves_of(registrar, one)
    with sent() as for_all:
        found = lineage.leaves_of(registrar, whole)
    assert len(found.rows) == 5
    assert len(for_all) <= len(for_one) + 1, "who printed a sheet again is asked for once"


def test_a_void_batch_stays_void(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    sheet = make.sheet()
    lost = run(app, registrar)
    print_runs.revoke_run(registrar, lost.id, "路上丢了一包")
    run(app, registrar)
    assert lineage.leaves_of(registrar, lost.id).count(Fate.VOID) == 1
    assert [paper.fate for paper in lineage.papers_of(registrar, sheet.id)] == [Fate.WAITING, Fate.VOID]


def test_leaves_of_a_run_that_was_not_printed_are_no_papers(
    app: Flask, registrar: Actor, make: Make, press: Press
) -> None:
    sheet = make.sheet()
    made = printing.start_run(registrar, Selection())
    run_id = made.id
    db.session.rollback()
    press.before = lambda _count: print_runs.cancel_run(registrar, run_id)
    work(app)
    assert lineage.papers_of(registrar, sheet.id) == []
    assert lineage.leaves_of(registrar, run_id).total == 0


def test_outside_the_own_place_there_is_nothing(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    sheet = make.sheet()
    made = run(app, registrar)
    teacher = make.actor(Role.TEACHER, make.class_())
    assert len(lineage.papers_of(teacher, sheet.id)) == 1
    stranger = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    far = make.class_(make.school("2199000002"))
    for act in (
        lambda: lineage.papers_of(stranger, sheet.id),
        lambda: lineage.leaves_of(stranger, made.id),
        lambda: lineage.leaves_of(registrar, made.id, far.id),
    ):
        with pytest.raises(NotFound):
            act()

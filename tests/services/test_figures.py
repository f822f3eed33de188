"""Figures: what a change counts, the fold, the sums of all levels, the recount that must agree (R108, R109, N2)."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from portal.models import Delta, Figure, Sheet, db
from portal.rules.figures import MEASURES, Measure
from portal.rules.roles import Level, Role
from portal.rules.workflow import MOVES, SheetState
from portal.services import figure_tree, figures, lists
from portal.services.figure_lists import Asked, list_behind
from portal.services.refusals import NotFound
from portal.services.sheets import move, tick_returned
from tests.make import Make


def counts(make: Make, path: str) -> dict[Measure, int]:
    figures.fold_all()
    return figures.counts_below(make.round().id, path)


def test_new_sheet_is_expected_once(make: Make) -> None:
    sheet = make.sheet()
    assert counts(make, sheet.path)[Measure.EXPECTED] == 1
    assert counts(make, make.province().path)[Measure.EXPECTED] == 1


def test_out_of_scope_pupil_counts_nowhere(make: Make) -> None:
    sheet = make.sheet(SheetState.CHECKED, in_scope=False, exclusion="not_on_roll")
    assert set(counts(make, sheet.path).values()) == {0}


def test_each_measure_is_its_own_number(make: Make) -> None:
    make.sheet(SheetState.VERIFIED, returned=True)
    make.sheet(SheetState.RECEIVED, readable=False)
    make.sheet(SheetState.ISSUED)
    found = counts(make, make.school().path)
    want = {"expected": 3, "issued": 3, "returned": 1, "received": 2, "readable": 1, "signed": 2, "verified": 1}
    assert {m: n for m, n in found.items() if m.value in want} == want


def test_sheet_sent_back_counts_as_checked_no_longer(make: Make) -> None:
    from portal.rules.workflow import SheetMove

    sheet = make.sheet(SheetState.CHECKED)
    assert counts(make, sheet.path)[Measure.CHECKED] == 1
    move(None, sheet, SheetMove.SEND_BACK, "请补签名")
    db.session.commit()
    assert counts(make, sheet.path)[Measure.CHECKED] == 0


def test_rolled_back_change_leaves_no_delta(make: Make) -> None:
    sheet = make.sheet(SheetState.ISSUED)
    figures.fold_all()
    sheet.returned = True
    db.session.flush()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Delta)) == 0


def test_levels_add_up_and_directly_run_schools_count_at_their_authority(make: Make) -> None:
    """R109: levels above add up the level below; a prefecture's own school is not its county's."""
    own = make.school("2199000002", "市直属小学", make.prefecture())
    make.sheet(pupil=make.pupil(make.class_(own)))
    make.sheet()
    assert counts(make, make.county().path)[Measure.EXPECTED] == 1
    assert counts(make, make.prefecture().path)[Measure.EXPECTED] == 2
    rows = figure_tree.tree(make.actor(Role.REGISTRAR, make.province()), make.round(), {make.prefecture().code})
    direct = next(row for row in rows if row.is_direct_group)
    assert (direct.depth, direct.counts[Measure.EXPECTED]) == (2, 1)
    officer = make.actor(Role.REGISTRAR, make.prefecture())
    found = list_behind(officer, make.round(), direct.place_id, Asked(Measure.EXPECTED, direct=True))
    assert (found[1], found[2][0].school) == (1, "市直属小学")


def test_tree_opens_level_by_level_down_to_a_class(make: Make) -> None:
    sheet = make.sheet(SheetState.RECEIVED)
    figures.fold_all()
    places = [make.prefecture(), make.county(), make.school()]
    rows = figure_tree.tree(make.actor(Role.REGISTRAR, make.province()), make.round(), {p.code for p in places})
    assert [row.depth for row in rows] == [0, 1, 2, 3, 4]
    assert rows[-1].place_id == sheet.class_id
    assert {row.counts[Measure.RECEIVED] for row in rows} == {1}


@pytest.mark.parametrize("measure", MEASURES)
def test_every_number_opens_a_list_of_exactly_that_length(make: Make, measure: Measure) -> None:
    for state in SheetState:
        make.sheet(state, returned=state > SheetState.ISSUED)
    found = counts(make, make.county().path)
    county = make.actor(Role.REGISTRAR, make.county())
    place, total, rows = list_behind(county, make.round(), make.school().id, Asked(measure))
    assert (place.code, total, len(rows)) == ("2199000001", found[measure], found[measure])
    _, missing, _ = list_behind(county, make.round(), make.school().id, Asked(measure, missing=True))
    assert missing == found[Measure.EXPECTED] - found[measure]


def test_list_of_another_county_does_not_exist(make: Make) -> None:
    """R130"""
    make.sheet()
    stranger = make.actor(Role.REGISTRAR, make.county("990102", "试验二区教育局"))
    with pytest.raises(NotFound):
        list_behind(stranger, make.round(), make.school().id, Asked(Measure.EXPECTED))


def test_names_in_lists_are_masked(make: Make) -> None:
    make.sheet(pupil=make.pupil(name="林小试"))
    figures.fold_all()
    rows = list_behind(
        make.actor(Role.REGISTRAR, make.county()), make.round(), make.school().id, Asked(Measure.EXPECTED)
    )[2]
    assert rows[0].name == "林＊试"


def test_recount_agrees_after_any_walk_of_moves(make: Make) -> None:
    """sec-R20: 400 random acts on 12 sheets; folded figures equal a recount at every 50th step."""
    walk = random.Random(20250515)
    pupils = [make.pupil(make.class_(code=f"2020{1 + n % 3}06"[:7].replace("206", "106"))) for n in range(2)]
    pupils += [make.pupil(make.class_(code="2021107", name="五年级（7）班")) for _ in range(10)]
    sheets = [make.sheet(pupil=pupil) for pupil in pupils]
    actor = make.actor(Role.REGISTRAR, make.school())
    for step in range(400):
        sheet = walk.choice(sheets)
        options = [what for (state, what) in MOVES if state == sheet.state]
        if options and walk.random() < 0.7:
            move(actor, sheet, walk.choice(options), "走一走")
            db.session.commit()
        elif sheet.issued:
            tick_returned(actor, sheet, walk.random() < 0.5)
        if step % 50 == 0:
            assert figures.recount(make.round().id) == []
    assert figures.recount(make.round().id) == []


def test_recount_finds_a_figure_that_is_wrong(make: Make) -> None:
    sheet = make.sheet()
    figures.fold_all()
    row = db.session.scalar(select(Figure).where(Figure.level == Level.CLASS))
    assert row is not None
    row.expected += 1  # type: ignore[attr-defined]
    db.session.commit()
    wrong = figures.recount(make.round().id)
    assert (sheet.path, Measure.EXPECTED, 2, 1) in wrong


def test_lists_are_inside_the_actors_place(make: Make) -> None:
    sheet = make.sheet()
    assert lists.find(make.actor(Role.REGISTRAR, make.school()), Sheet, sheet.id) is sheet
    with pytest.raises(NotFound):
        lists.find(make.actor(Role.REGISTRAR, make.school("2199000009", "试验第九小学")), Sheet, sheet.id)

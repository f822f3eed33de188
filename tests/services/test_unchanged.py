"""Nothing written and signed: drawn sheets are answered one by one, the others go with them; misses count."""

from __future__ import annotations

from uuid import UUID

import pytest

from portal.models import Sheet, Step, db
from portal.rules.roles import Actor, Role
from portal.rules.sampling import TOP, Measured
from portal.rules.workflow import SheetState
from portal.services import checking, classes, looking, place_settings, sampling, unchanged
from portal.services.checking import Eyes
from portal.services.readings import new_change
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make
from tests.photographs import arrive, leaf_of


@pytest.fixture
def teacher(make: Make) -> Actor:
    return make.actor(Role.TEACHER, make.class_())


@pytest.fixture(autouse=True)
def ranks(monkeypatch: pytest.MonkeyPatch) -> dict[UUID, int]:
    """The ranks of the sheets, in the order in which they came; none lies inside the share."""
    known: dict[UUID, int] = {}
    monkeypatch.setattr(sampling.rules, "rank", lambda _key, _round, sheet_id: known.get(sheet_id, TOP - 1))
    return known


@pytest.fixture
def received(make: Make, ranks: dict[UUID, int]):
    def received_(**facts: object) -> Sheet:
        sheet = make.sheet(SheetState.ISSUED)
        ranks[sheet.id] = TOP // 2 + len(ranks)
        arrive(sheet, leaf_of(sheet), **facts)
        return sheet

    return received_


def confirm(teacher: Actor, *written: UUID, shown: dict[UUID, int] | None = None) -> unchanged.Confirmed:
    """Answer what is drawn: writing on these, nothing on the others."""
    page = unchanged.page_of(teacher, teacher.place_id)
    shown = shown or {one.sheet_id: one.version for one in page.plain}
    answers = {one.sheet_id: one.sheet_id in written for one in page.drawn}
    return unchanged.confirm(teacher, teacher.place_id, shown, answers)


def drawn(teacher: Actor) -> list[UUID]:
    return [one.sheet_id for one in unchanged.page_of(teacher, teacher.place_id).drawn]


def test_one_of_a_class_is_drawn_and_the_rest_goes_with_its_answer(teacher: Actor, received) -> None:
    plain = [received() for _ in range(5)]
    rest = [received(written=("phone",)), received(signed=False)]
    page = unchanged.page_of(teacher, teacher.place_id)
    assert {one.sheet_id for one in page.plain} == {sheet.id for sheet in plain}
    assert [one.sheet_id for one in page.drawn] == [plain[0].id]
    assert page.rest == 4
    assert confirm(teacher) == unchanged.Confirmed(5, 0)
    assert {sheet.state for sheet in plain} == {SheetState.CHECKED}
    assert {sheet.state for sheet in rest} == {SheetState.RECEIVED}
    assert sampling.measured(plain[0].round_id, plain[0].school_id) == Measured(1, 0)
    facts = db.session.query(Step).filter_by(move="CHECK_UNCHANGED").one().details
    assert facts == {"checked": 5, "drawn": 1, "errors": 0}


def test_without_an_answer_nothing_is_accepted(teacher: Actor, received) -> None:
    sheets = [received() for _ in range(3)]
    shown = {sheet.id: sheet.version for sheet in sheets}
    with pytest.raises(Refusal, match="1 张"):
        unchanged.confirm(teacher, teacher.place_id, shown, {sheets[1].id: False})
    db.session.rollback()
    assert {sheet.state for sheet in sheets} == {SheetState.RECEIVED}


def test_a_miss_holds_back_what_nobody_saw_and_draws_more(teacher: Actor, received) -> None:
    sheets = [received() for _ in range(6)]
    assert confirm(teacher, sheets[0].id) == unchanged.Confirmed(0, 1)
    assert {sheet.state for sheet in sheets} == {SheetState.RECEIVED}
    assert [sheet.written for sheet in sheets] == [1, 0, 0, 0, 0, 0]
    assert set(drawn(teacher)) == {sheets[1].id, sheets[2].id}
    assert confirm(teacher) == unchanged.Confirmed(5, 0)
    assert sampling.measured(sheets[0].round_id, sheets[0].school_id) == Measured(3, 1)


def test_who_was_seen_with_nothing_is_accepted_beside_a_miss(teacher: Actor, received, ranks: dict[UUID, int]) -> None:
    sheets = [received() for _ in range(3)]
    ranks[sheets[0].id], ranks[sheets[1].id] = 1, 2  # both inside the share
    assert set(drawn(teacher)) == {sheets[0].id, sheets[1].id}
    assert confirm(teacher, sheets[0].id) == unchanged.Confirmed(1, 1)
    assert [s.state for s in sheets] == [SheetState.RECEIVED, SheetState.CHECKED, SheetState.RECEIVED]


def test_the_draw_stays_the_same_and_another_comes_only_with_another_sheet(
    teacher: Actor, received, ranks: dict[UUID, int]
) -> None:
    first, second = received(), received()
    assert drawn(teacher) == drawn(teacher) == [first.id]
    shown = {sheet.id: sheet.version for sheet in (first, second)}
    late = received()
    ranks[late.id] = 3
    with pytest.raises(TooLate, match="又来了"):
        unchanged.confirm(teacher, teacher.place_id, shown, {first.id: False})
    db.session.rollback()
    ranks[late.id] = TOP - 1
    assert confirm(teacher, shown=shown).checked == 2, "what came later is not confirmed with it"
    assert late.state == SheetState.RECEIVED
    assert drawn(teacher) == [], "one of the class has been looked at"
    assert confirm(teacher).checked == 1


def test_what_changed_on_the_way_is_not_confirmed(teacher: Actor, received) -> None:
    first, spoilt, again = received(), received(), received()
    shown = {sheet.id: sheet.version for sheet in (first, spoilt, again)}
    checking.send_back(teacher, spoilt.id, spoilt.version, "字看不清")
    arrive(again, leaf_of(again))
    assert confirm(teacher, shown=shown).checked == 1
    assert [s.state for s in (first, spoilt, again)] == [SheetState.CHECKED, SheetState.ISSUED, SheetState.RECEIVED]


def test_what_a_family_typed_is_never_confirmed_unseen(teacher: Actor, received) -> None:
    plain, typed, later = received(), received(), received()
    new_change(typed, "phone", source="typed")
    db.session.commit()
    page = unchanged.page_of(teacher, teacher.place_id)
    assert {one.sheet_id for one in page.plain} == {plain.id, later.id}
    assert classes.class_list(teacher).plain == 2
    new_change(later, "phone", source="typed")
    db.session.commit()
    assert confirm(teacher, shown={one.sheet_id: one.version for one in page.plain}).checked == 1
    assert [sheet.state for sheet in (plain, later)] == [SheetState.CHECKED, SheetState.RECEIVED]


def test_a_drawn_sheet_opened_by_itself_asks_too(teacher: Actor, received) -> None:
    sheet, other = received(), received()
    assert looking.look(teacher, sheet.id).drawn
    assert not looking.look(teacher, other.id).drawn
    with pytest.raises(Refusal, match="抽到"):
        checking.check(teacher, sheet.id, sheet.version)
    db.session.rollback()
    checking.check(teacher, sheet.id, sheet.version, Eyes(changed=True))
    assert (sheet.state, sheet.written) == (SheetState.CHECKED, 1)
    assert sampling.measured(sheet.round_id, sheet.school_id) == Measured(1, 1)
    checking.undo_check(teacher, sheet.id)
    assert sampling.measured(sheet.round_id, sheet.school_id) == Measured(0, 0)
    assert (sheet.written, drawn(teacher)) == (0, [sheet.id])
    checking.check(teacher, other.id, other.version)
    assert other.state == SheetState.CHECKED


def test_a_wrong_answer_can_be_put_right_while_the_sheet_is_open(teacher: Actor, received) -> None:
    sheet = received()
    confirm(teacher, sheet.id)
    assert looking.look(teacher, sheet.id).drawn
    checking.check(teacher, sheet.id, sheet.version, Eyes(changed=False))
    assert (sheet.state, sheet.written) == (SheetState.CHECKED, 0)
    assert sampling.measured(sheet.round_id, sheet.school_id) == Measured(1, 0)


def test_a_miss_outlives_an_acceptance_that_was_taken_back(teacher: Actor, received) -> None:
    sheet = received()
    confirm(teacher, sheet.id)
    checking.check(teacher, sheet.id, sheet.version, Eyes(changed=False))
    checking.undo_check(teacher, sheet.id)
    assert sheet.written == 1
    assert sampling.measured(sheet.round_id, sheet.school_id) == Measured(1, 1)
    assert looking.look(teacher, sheet.id).drawn, "it asks again"


def test_another_photo_is_another_look(teacher: Actor, received) -> None:
    sheet = received()
    confirm(teacher, sheet.id)
    assert drawn(teacher) == []
    checking.send_back(teacher, sheet.id, sheet.version, "字看不清")
    arrive(sheet, leaf_of(sheet))
    assert drawn(teacher) == [sheet.id]
    confirm(teacher)
    assert sampling.measured(sheet.round_id, sheet.school_id) == Measured(2, 1)


def test_the_share_is_the_places(make: Make, teacher: Actor, received, ranks: dict[UUID, int]) -> None:
    sheets = [received() for _ in range(4)]
    assert place_settings.sample_percent(sheets[0].path) == 5
    place_settings.save(make.actor(Role.REGISTRAR, make.county()), {"sample_share": 60})
    assert set(drawn(teacher)) == {sheet.id for sheet in sheets}


def test_only_a_school_has_a_rate_and_each_round_its_own(make: Make, teacher: Actor, received) -> None:
    sheet = received()
    confirm(teacher, sheet.id)
    leader = make.actor(Role.LEADER, make.school())
    assert sampling.measured_at(leader) == Measured(1, 1)
    assert sampling.measured(UUID(int=1), sheet.school_id) == Measured(0, 0)
    assert sampling.measured(sheet.round_id, make.school("2199000002", "试验市第二小学").id) == Measured(0, 0)
    with pytest.raises(NotFound):
        sampling.measured_at(teacher)

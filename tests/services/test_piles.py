"""Piles: what is taken, where each photo goes, what is never given to the wrong child, and what is told at the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Leaf, Photo, Pile, Place, Sheet, Step, db
from portal.paper.reading import Reading
from portal.rules.clock import today
from portal.rules.figures import Measure
from portal.rules.masks import mask_name
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import families, figures, ledger, looking, pile_results, piles, readings
from portal.services.doors import Opened
from portal.services.pile_results import PileResult
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make
from tests.photographs import arrive, jpeg, leaf_of, seen


@pytest.fixture
def class_(make: Make) -> Place:
    make.round()
    return make.class_()


@pytest.fixture
def teacher(make: Make, class_: Place) -> Actor:
    return make.actor(Role.TEACHER, class_)


@pytest.fixture
def pile(teacher: Actor) -> Pile:
    return piles.open_pile(teacher)


def issued(make: Make, class_: Place, **items: str) -> tuple[Sheet, Leaf]:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_, **items))
    return sheet, leaf_of(sheet)


def sent(actor: Actor, pile: Pile, what: Reading, data: bytes | None = None) -> Photo:
    """A photo of the pile that was read as this."""
    return readings.keep(piles.add(actor, pile.id, data or jpeg()), what)


def told(actor: Actor, pile: Pile) -> PileResult:
    db.session.expire_all()
    return pile_results.result(actor, pile.id)


def test_each_photo_finds_its_own_sheet(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    (first, leaf), (_, other) = issued(make, class_), issued(make, class_)
    missing, _ = issued(make, class_)
    photo = sent(teacher, pile, seen(leaf, written=("phone",)))
    sent(teacher, pile, seen(other))
    assert (photo.outcome, photo.sheet_id, photo.path, photo.source) == ("matched", first.id, first.path, "pile")
    assert (first.state, first.received, first.photo_id, first.written) == (SheetState.RECEIVED, True, photo.id, 1)
    assert [change.item for change in first.changes] == ["phone"]
    found = told(teacher, pile)
    assert (found.photos, found.named, found.clear, found.pupils) == (2, 2, 2, 2)
    assert [row.sheet_id for row in found.missing or ()] == [missing.id]
    figures.fold_all()
    assert figures.counts_below(pile.round_id, class_.path)[Measure.RECEIVED] == 2


def test_the_same_bytes_give_the_same_receipt_and_are_read_once(class_: Place, teacher: Actor, pile: Pile) -> None:
    """sec-R6"""
    data = jpeg()
    first, again = piles.add(teacher, pile.id, data), piles.add(teacher, pile.id, data)
    assert (first.id, first.receipt) == (again.id, again.receipt)
    assert told(teacher, pile).photos == 1


def test_an_empty_pile_is_used_again_and_a_filled_one_is_not(teacher: Actor, pile: Pile) -> None:
    assert piles.open_pile(teacher).id == pile.id
    piles.add(teacher, pile.id, jpeg())
    assert piles.open_pile(teacher).id != pile.id
    assert [row.photos for row in piles.earlier(teacher)] == [1]


def test_same_sheet_again_keeps_the_better_photo(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, leaf = issued(make, class_)
    bad = sent(teacher, pile, seen(leaf, verdict="retake", reasons=("blur",)))
    assert [line.sheet_id for line in told(teacher, pile).again] == [sheet.id]
    good = sent(teacher, pile, seen(leaf))
    worse = sent(teacher, pile, seen(leaf, verdict="retake", reasons=("blur",)))
    assert sheet.photo_id == good.id
    assert {bad.sheet_id, worse.sheet_id} == {sheet.id}
    found = told(teacher, pile)
    assert (found.again, found.repeated) == ((), 2)


def test_who_has_moved_to_another_class_is_masked(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, leaf = issued(make, class_)
    sent(teacher, pile, seen(leaf, verdict="retake", reasons=("blur",)))
    name = sheet.pupil.record["name"]
    assert [(line.name, line.shown) for line in told(teacher, pile).again] == [(name, True)]
    sheet.pupil.class_id = make.class_(code="2020108", name="六年级（8）班").id
    sheet.pupil.path = db.session.get_one(Place, sheet.pupil.class_id).path
    ledger.follow(sheet, sheet.pupil)
    db.session.commit()
    assert [(line.name, line.shown) for line in told(teacher, pile).again] == [(mask_name(name), False)]


def test_what_was_accepted_is_not_displaced(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    """E12"""
    sheet, leaf = issued(make, class_)
    kept = arrive(sheet, leaf)
    sheet.state = SheetState.CHECKED
    db.session.commit()
    sent(teacher, pile, seen(leaf, written=("phone",)))
    assert (sheet.photo_id, sheet.written, sheet.state) == (kept.id, 0, SheetState.CHECKED)
    assert told(teacher, pile).kept == 1


@pytest.mark.parametrize("state", [SheetState.VERIFIED, SheetState.ARCHIVED])
def test_what_is_signed_off_or_filed_is_left_alone(
    make: Make, class_: Place, teacher: Actor, pile: Pile, state: SheetState
) -> None:
    sheet, leaf = issued(make, class_)
    shown = arrive(sheet, leaf)
    sheet.state = state
    db.session.commit()
    late = readings.keep(piles.add(teacher, pile.id, jpeg()), seen(leaf, written=("phone",), signed=False))
    assert (late.outcome, late.sheet_id) == ("matched", sheet.id)
    assert (sheet.photo_id, sheet.written, sheet.signed, sheet.changes) == (shown.id, 0, True, [])
    assert pile_results.result(teacher, pile.id).kept == 1


def test_bytes_the_family_has_sent_already_are_a_double(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    from portal.services import photos

    sheet, leaf = issued(make, class_)
    data = jpeg()
    readings.keep(photos.receive(sheet, data, photos.Sender("family")), seen(leaf))
    photo = sent(teacher, pile, seen(leaf), data)
    assert (photo.outcome, photo.sheet_id) == ("duplicate", None)
    found = told(teacher, pile)
    assert (found.named, found.repeated, found.unknown) == (1, 1, ())


def test_nothing_of_another_place_is_given_or_kept(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    _, next_door = issued(make, make.class_(code="2021107", name="五年级（7）班"))
    stranger, far = issued(make, make.class_(make.school("2199000002", "试验市第二小学")))
    for leaf, outcome in ((next_door, "other_class"), (far, "other_school")):
        photo = sent(teacher, pile, seen(leaf, written=("phone",)))
        assert (photo.outcome, photo.sheet_id, photo.flat_address) == (outcome, None, None)
        assert photo.reading is not None
        assert photo.reading.seen["written"] == {}
    assert {leaf.sheet.state for leaf in (next_door, far)} == {SheetState.ISSUED}
    lines = told(teacher, pile).strange
    assert [(line.name, line.class_name) for line in lines] == [("", "五年级（7）班"), ("", "")]
    assert stranger.pupil.record["name"] not in str(lines)


def test_a_registrar_may_mix_the_classes_of_the_school(make: Make, class_: Place) -> None:
    registrar = make.actor(Role.REGISTRAR, make.school())
    (own, leaf), (other, next_door) = (
        issued(make, class_),
        issued(make, make.class_(code="2021107", name="五年级（7）班")),
    )
    pile = piles.open_pile(registrar, class_.id)
    sent(registrar, pile, seen(leaf))
    sent(registrar, pile, seen(next_door))
    assert {own.state, other.state} == {SheetState.RECEIVED}
    assert (told(registrar, pile).elsewhere, told(registrar, pile).pupils) == (1, 2)
    whole = piles.open_pile(registrar)
    waits, _ = issued(make, class_)
    gaps = told(registrar, whole).gaps
    assert [(gap.class_id, gap.missing) for gap in gaps] == [(class_.id, 1)], waits


def test_piles_are_seen_from_inside_their_place_only(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    registrar = make.actor(Role.REGISTRAR, make.school())
    assert pile_results.result(registrar, pile.id).own is False
    theirs = piles.open_pile(registrar, class_.id)
    outsiders = [make.actor(Role.TEACHER, make.class_(code="2021107", name="五年级（7）班"))]
    outsiders.append(make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学")))
    for actor, found in [(teacher, theirs), *((one, pile) for one in outsiders)]:
        with pytest.raises(NotFound):
            pile_results.result(actor, found.id)
        with pytest.raises(NotFound):
            piles.add(actor, found.id, jpeg())
    with pytest.raises(NotFound):
        piles.open_pile(outsiders[0], class_.id)


def test_last_rounds_sheet_back_page_and_two_sheets(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, leaf = issued(make, class_)
    before = make.round(year=today().year - 1, begins=today() - timedelta(days=300), ends=today() - timedelta(days=200))
    old = make.sheet(SheetState.ISSUED, make.pupil(class_))
    old.round_id = before.id
    db.session.commit()
    assert sent(teacher, pile, seen(leaf_of(old))).outcome == "earlier_round"
    assert sent(teacher, pile, seen(leaf, page=2, verdict="retake", reasons=("back_page",))).outcome == "back_page"
    assert sent(teacher, pile, seen(None, verdict="retake", reasons=("two_sheets",))).outcome == "two_sheets"
    found = told(teacher, pile)
    assert (sheet.state, found.backs, len(found.strange)) == (SheetState.ISSUED, 0, 2)
    assert [(line.sheet_id, line.words) for line in found.again] == [(sheet.id, (pile_results.BACK,))]
    sent(teacher, pile, seen(leaf))
    found = told(teacher, pile)
    assert (found.again, found.backs) == ((), 1)


def test_a_hint_is_no_proof(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, leaf = issued(make, class_)
    photo = sent(teacher, pile, seen(leaf, certain=False, verdict="unknown", reasons=("few_marks",)))
    assert (photo.outcome, photo.sheet_id, sheet.state) == ("unknown", None, SheetState.ISSUED)
    assert sent(teacher, pile, seen(None, verdict="unknown", reasons=("broken",))).outcome == "unusable"


def test_sheets_that_were_not_handed_out_are_read_again_afterwards(
    make: Make, class_: Place, teacher: Actor, pile: Pile
) -> None:
    sheet = make.sheet(SheetState.PRINTED, make.pupil(class_))
    leaf, data = leaf_of(sheet), jpeg()
    assert sent(teacher, pile, seen(leaf), data).outcome == "not_issued"
    sheet.state, sheet.issued = SheetState.ISSUED, True
    db.session.commit()
    assert sent(teacher, pile, seen(leaf), data).outcome == "matched"


def test_unsigned_sheets_are_named(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, leaf = issued(make, class_)
    sent(teacher, pile, seen(leaf, signed=False))
    assert [line.sheet_id for line in told(teacher, pile).unsigned] == [sheet.id]


def test_a_bad_photo_of_a_pile_asks_nothing_of_the_family(
    make: Make, class_: Place, teacher: Actor, pile: Pile
) -> None:
    sheet, leaf = issued(make, class_)
    photo = sent(teacher, pile, seen(leaf, verdict="retake", reasons=("blur",)))
    progress = families.progress_of(Opened(sheet.id, None))
    assert progress is not None
    assert not progress.wanted
    shown = looking.look(teacher, sheet.id).picture
    assert shown is not None
    assert shown.photo_id == photo.id


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"", Refusal), (b"hello", Refusal), (b"GIF89a" + b"0" * 99, Refusal), (b"%PDF-" + b"0" * 24_000_001, Refusal)],
)
def test_what_is_no_photo_is_not_taken(teacher: Actor, pile: Pile, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        piles.add(teacher, pile.id, data)
    assert told(teacher, pile).photos == 0


def test_many_at_once_take_what_they_can(teacher: Actor, pile: Pile) -> None:
    refused = piles.add_many(teacher, pile.id, [jpeg(), b"no photo", jpeg()])
    assert [one.nth for one in refused] == [2]
    assert told(teacher, pile).photos == 2


def test_a_pile_and_a_round_have_an_end(
    make: Make, teacher: Actor, pile: Pile, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = jpeg()
    piles.add(teacher, pile.id, first)
    monkeypatch.setattr(piles, "MOST_PHOTOS", 1)
    with pytest.raises(Refusal):
        piles.add(teacher, pile.id, jpeg())
    assert piles.add(teacher, pile.id, first).receipt
    make.round().ends = today() - timedelta(days=1)
    db.session.commit()
    for act in (lambda: piles.add(teacher, pile.id, jpeg()), lambda: piles.open_pile(teacher)):
        with pytest.raises((TooLate, Refusal)):
            act()


def test_everything_leaves_a_step(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    _, leaf = issued(make, class_)
    photo = sent(teacher, pile, seen(leaf))
    steps = db.session.query(Step).filter(Step.thing_id.in_([pile.id, photo.id])).order_by(Step.at)
    assert [step.move for step in steps] == ["OPEN_PILE", "STORE_PHOTO", "READ_PHOTO"]

"""Pages without a name: who is offered, what a person's word does, two people at once, and taking it back."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from portal.models import Leaf, Photo, Pile, Place, Sheet, Step, db
from portal.rules.figures import Measure
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import checking, classes, figures, looking, pile_results, piles, quarantine, readings
from portal.services.checking import Eyes
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


def issued(make: Make, class_: Place) -> tuple[Sheet, Leaf]:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
    return sheet, leaf_of(sheet)


def nameless(actor: Actor, pile: Pile, *likely: Leaf, hint: Leaf | None = None) -> Photo:
    """A page of which no leaf is certain; the marks fit these leaves."""
    data, hints = jpeg(), tuple(leaf.number for leaf in likely)
    facts = {"verdict": "unknown", "certain": False, "reasons": ("few_marks",), "likely": hints, "flat": True}
    return readings.keep(piles.add(actor, pile.id, data), seen(hint, **facts))


def test_those_that_fit_come_first_then_those_that_are_missing(
    make: Make, class_: Place, teacher: Actor, pile: Pile
) -> None:
    (fits, leaf), (missing, _), (came, other) = (issued(make, class_) for _ in range(3))
    arrive(came, other)
    found = quarantine.unnamed(teacher, nameless(teacher, pile, leaf).id)
    rows = (found.likely, found.missing, found.others)
    assert [[one.sheet_id for one in row] for row in rows] == [[fits.id], [missing.id], [came.id]]
    assert found.offered == found.likely
    assert found.likely[0].name == fits.pupil.record["name"]
    plain = quarantine.unnamed_of(teacher, pile.id)
    assert set(plain) == {found.photo_id}


def test_without_evidence_only_few_are_offered(
    make: Make, class_: Place, teacher: Actor, pile: Pile, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = [issued(make, class_)[0] for _ in range(2)]
    photo = nameless(teacher, pile)
    assert {one.sheet_id for one in quarantine.unnamed(teacher, photo.id).offered} == {sheet.id for sheet in sheets}
    monkeypatch.setattr(quarantine, "FEW_MISSING", 1)
    assert quarantine.unnamed(teacher, photo.id).offered == ()


def test_hints_never_lead_out_of_the_place(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    _, next_door = issued(make, make.class_(code="2021107", name="五年级（7）班"))
    _, far = issued(make, make.class_(make.school("2199000002", "试验市第二小学")))
    photo = nameless(teacher, pile, next_door, far, hint=far)
    assert quarantine.unnamed(teacher, photo.id).likely == ()
    registrar = make.actor(Role.REGISTRAR, make.school())
    for actor, leaf in ((teacher, next_door), (teacher, far), (registrar, next_door)):
        with pytest.raises(NotFound):
            quarantine.assign(actor, photo.id, leaf.sheet_id)


def test_an_assigned_page_counts_and_is_looked_at(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, _ = issued(make, class_)
    photo = nameless(teacher, pile)
    quarantine.assign(teacher, photo.id, sheet.id)
    assert (photo.sheet_id, photo.assigned_by_id, photo.outcome) == (sheet.id, teacher.user_id, "matched")
    assert (sheet.state, sheet.received, sheet.photo_id, sheet.signed) == (SheetState.RECEIVED, True, photo.id, False)
    moves = [step.move for step in db.session.query(Step).filter(Step.thing_id.in_([sheet.id, photo.id]))]
    assert {"RECEIVE", "ASSIGN_PHOTO"} <= set(moves)
    figures.fold_all()
    assert figures.counts_below(sheet.round_id, class_.path)[Measure.RECEIVED] == 1
    shown = looking.look(teacher, sheet.id)
    assert shown.picture is not None
    assert not shown.is_read
    checking.check(teacher, sheet.id, sheet.version, Eyes(signed=True, changed=False))
    figures.fold_all()
    assert figures.counts_below(sheet.round_id, class_.path)[Measure.CHECKED] == 1
    assert [line.photo_id for line in pile_results.result(teacher, pile.id).assigned] == [photo.id]


def test_what_a_person_named_is_signed_by_no_older_photo(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    """Else it would pass together with the plain ones, although no machine has read it and nobody looked (E4)."""
    (assigned, leaf), (recognised, other) = issued(make, class_), issued(make, class_)
    for sheet, blurred in ((assigned, leaf), (recognised, other)):
        arrive(sheet, blurred, verdict="retake", reasons=("blur",))
    quarantine.assign(teacher, nameless(teacher, pile).id, assigned.id)
    strange = arrive(recognised, None, verdict="unknown", certain=False, flat=True)
    checking.recognise(teacher, strange.id, True)
    assert [sheet.readable for sheet in (assigned, recognised)] == [True, True]
    assert classes.class_list(teacher).plain == 0
    for sheet in (assigned, recognised):
        with pytest.raises(Refusal, match="签名"):
            checking.check(teacher, sheet.id, sheet.version, Eyes(changed=False))
        db.session.rollback()


def test_whoever_is_second_is_told(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    (sheet, _), (other, _) = issued(make, class_), issued(make, class_)
    photo = nameless(teacher, pile)
    registrar = make.actor(Role.REGISTRAR, make.school())
    quarantine.assign(registrar, photo.id, sheet.id)
    for act in (
        lambda: quarantine.assign(teacher, photo.id, other.id),
        lambda: quarantine.dismiss(teacher, photo.id),
        lambda: quarantine.undo(teacher, photo.id, other.id),
    ):
        with pytest.raises(TooLate):
            act()
        db.session.rollback()
    assert (photo.sheet_id, photo.assigned_by_id, other.received) == (sheet.id, registrar.user_id, False)


def test_whoever_waited_for_the_lock_sees_what_was_done_meanwhile(
    make: Make, class_: Place, teacher: Actor, pile: Pile
) -> None:
    """The page asks for the pile before it acts; what it has seen then may be old once the photo is locked."""
    (sheet, _), (other, _) = issued(make, class_), issued(make, class_)
    photo, registrar = nameless(teacher, pile), make.actor(Role.REGISTRAR, make.school())
    assert quarantine.pile_of(teacher, photo.id) == pile.id
    meanwhile = {"sheet_id": sheet.id, "assigned_by_id": registrar.user_id, "outcome": "matched"}
    told = update(Photo).where(Photo.id == photo.id).values(**meanwhile)
    db.session.execute(told, execution_options={"synchronize_session": False})
    with pytest.raises(TooLate):
        quarantine.assign(teacher, photo.id, other.id)


def test_a_better_photo_of_the_machine_leaves_the_persons_word(
    make: Make, class_: Place, teacher: Actor, pile: Pile
) -> None:
    sheet, leaf = issued(make, class_)
    photo = nameless(teacher, pile)
    quarantine.assign(teacher, photo.id, sheet.id)
    better = arrive(sheet, leaf)
    assert (sheet.photo_id, photo.sheet_id, photo.assigned_by_id) == (better.id, sheet.id, teacher.user_id)
    quarantine.undo(teacher, photo.id, sheet.id)
    assert (sheet.photo_id, sheet.state, sheet.received) == (better.id, SheetState.RECEIVED, True)


def test_taking_it_back_leaves_the_sheet_as_it_was(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, _ = issued(make, class_)
    sheet.sent_back, sheet.note = True, "请补签。"
    db.session.commit()
    photo = nameless(teacher, pile)
    quarantine.assign(teacher, photo.id, sheet.id)
    assert not sheet.sent_back
    quarantine.undo(teacher, photo.id, sheet.id)
    assert (photo.sheet_id, photo.assigned_by_id, photo.outcome, photo.path) == (None, None, "unknown", pile.path)
    assert (sheet.state, sheet.received, sheet.readable, sheet.photo_id) == (SheetState.ISSUED, False, False, None)
    assert sheet.sent_back
    figures.fold_all()
    assert figures.counts_below(sheet.round_id, class_.path)[Measure.RECEIVED] == 0
    assert figures.recount(sheet.round_id) == []
    quarantine.assign(teacher, photo.id, sheet.id)
    assert sheet.received


def test_taking_it_back_shows_the_next_best_photo(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, leaf = issued(make, class_)
    poor = arrive(sheet, leaf, verdict="retake", reasons=("blur",), written=("phone",))
    photo = nameless(teacher, pile)
    quarantine.assign(teacher, photo.id, sheet.id)
    assert (sheet.photo_id, sheet.readable) == (photo.id, True)
    quarantine.undo(teacher, photo.id, sheet.id)
    assert (sheet.photo_id, sheet.readable, sheet.written) == (poor.id, False, 1)
    assert (sheet.state, sheet.received) == (SheetState.RECEIVED, True)


def test_what_was_accepted_because_of_it_is_not_taken_back(
    make: Make, class_: Place, teacher: Actor, pile: Pile
) -> None:
    sheet, _ = issued(make, class_)
    photo = nameless(teacher, pile)
    quarantine.assign(teacher, photo.id, sheet.id)
    checking.check(teacher, sheet.id, sheet.version, Eyes(signed=True, changed=False))
    with pytest.raises(TooLate):
        quarantine.undo(teacher, photo.id, sheet.id)


def test_once_it_is_sent_back_a_wrong_page_is_free_again(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    (sheet, leaf), (right, _) = issued(make, class_), issued(make, class_)
    arrive(sheet, leaf, verdict="retake", reasons=("blur",))
    photo = nameless(teacher, pile)
    quarantine.assign(teacher, photo.id, sheet.id)
    checking.check(teacher, sheet.id, sheet.version, Eyes(signed=True, changed=False))
    checking.send_back(teacher, sheet.id, sheet.version, "是别人的表。")
    quarantine.undo(teacher, photo.id, sheet.id)
    assert (sheet.state, sheet.sent_back, sheet.readable, sheet.signed) == (SheetState.ISSUED, True, False, False)
    quarantine.assign(teacher, photo.id, right.id)
    assert (right.photo_id, right.state) == (photo.id, SheetState.RECEIVED)
    assert figures.recount(sheet.round_id) == []


def test_no_sheet_at_all_can_be_said_and_unsaid(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, _ = issued(make, class_)
    photo = nameless(teacher, pile)
    quarantine.dismiss(teacher, photo.id)
    found = pile_results.result(teacher, pile.id)
    assert (len(found.unknown), [line.is_open for line in found.strange]) == (0, [True])
    quarantine.assign(teacher, photo.id, sheet.id)
    assert photo.sheet_id == sheet.id


def test_sheets_that_were_not_handed_out_wait(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet = make.sheet(SheetState.PRINTED, make.pupil(class_))
    with pytest.raises(TooLate):
        quarantine.assign(teacher, nameless(teacher, pile).id, sheet.id)


def test_nobody_from_elsewhere_sees_the_page(make: Make, class_: Place, teacher: Actor, pile: Pile) -> None:
    sheet, _ = issued(make, class_)
    photo = nameless(teacher, pile)
    assert classes.page_image(teacher, photo.id)
    outsiders = [make.actor(Role.TEACHER, make.class_(code="2021107", name="五年级（7）班"))]
    outsiders.append(make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学")))
    for actor in outsiders:
        for act in (
            lambda actor=actor: classes.page_image(actor, photo.id),
            lambda actor=actor: quarantine.unnamed(actor, photo.id),
            lambda actor=actor: quarantine.assign(actor, photo.id, sheet.id),
        ):
            with pytest.raises(NotFound):
                act()
        assert quarantine.unnamed_of(actor, pile.id) == {}


def test_a_registrar_chooses_the_class_and_sees_masks(make: Make, class_: Place) -> None:
    sheet, _ = issued(make, class_)
    registrar = make.actor(Role.REGISTRAR, make.school())
    pile = piles.open_pile(registrar)
    photo = nameless(registrar, pile)
    assert quarantine.unnamed(registrar, photo.id).missing == ()
    found = quarantine.unnamed(registrar, photo.id, class_.id)
    assert [one.sheet_id for one in found.missing] == [sheet.id]
    assert "＊" in found.missing[0].name
    assert (class_.id, class_.name) in found.classes
    quarantine.assign(registrar, photo.id, sheet.id)
    assert photo.path == sheet.path


def test_a_photo_that_came_by_itself_is_no_page_of_a_pile(make: Make, class_: Place, teacher: Actor) -> None:
    sheet, leaf = issued(make, class_)
    photo = arrive(sheet, leaf, certain=False, verdict="unknown")
    for act in (quarantine.unnamed, quarantine.dismiss, quarantine.pile_of):
        with pytest.raises(NotFound):
            act(teacher, photo.id)
    with pytest.raises(NotFound):
        quarantine.undo(teacher, photo.id, sheet.id)

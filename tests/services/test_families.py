"""What the holder of a paper is told, and that it is words only."""

from __future__ import annotations

import pytest

from portal.models import Photo, Sheet, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import checking, families, photos, readings, sheets
from portal.services.doors import Closed, Opened
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.verdicts import Sign
from tests.make import Make
from tests.photographs import arrive, jpeg, leaf_of, seen


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))


def opened(sheet: Sheet, closed: Closed | None = None) -> Opened:
    return Opened(sheet.id, closed)


def test_whose_sheet_it_is_comes_masked(sheet: Sheet) -> None:
    whose = families.whose(opened(sheet))
    assert (whose.name, whose.school, whose.province) == ("林＊试", "试验市第一小学", "试验省教育厅")
    assert whose.support.phone == "010-00000000"
    assert whose.deadline == sheet.round.ends


#: facts of a reading -> outcome of the photo, sign of its verdict, state of the sheet afterwards
OUTCOMES = [
    ({}, "matched", Sign.GOOD, SheetState.RECEIVED),
    ({"signed": None}, "matched", Sign.GOOD, SheetState.RECEIVED),
    ({"signed": False}, "matched", Sign.AGAIN, SheetState.RECEIVED),
    ({"verdict": "retake", "reasons": ("blur",)}, "retake", Sign.AGAIN, SheetState.RECEIVED),
    ({"page": 2, "verdict": "unknown", "reasons": ("back_page",)}, "back_page", Sign.AGAIN, SheetState.ISSUED),
    ({"reasons": ("two_sheets",), "verdict": "unknown"}, "two_sheets", Sign.AGAIN, SheetState.ISSUED),
    ({"reasons": ("not_a_sheet",), "verdict": "unknown"}, "not_a_sheet", Sign.AGAIN, SheetState.ISSUED),
    ({"reasons": ("other_deployment",), "verdict": "unknown"}, "other_deployment", Sign.AGAIN, SheetState.ISSUED),
]


@pytest.mark.parametrize(("facts", "outcome", "sign", "state"), OUTCOMES)
def test_every_outcome_has_its_own_answer(
    sheet: Sheet, facts: dict, outcome: str, sign: Sign, state: SheetState
) -> None:
    photo = arrive(sheet, leaf_of(sheet), **facts)
    answer = families.answer(opened(sheet), photo.receipt, pictures=True)
    assert photo.outcome == outcome
    assert answer.verdict.sign == sign
    assert all(answer.verdict.lines)
    assert sheet.state == state


def test_another_sheet_an_earlier_round_and_nobodys_sheet(make: Make, sheet: Sheet) -> None:
    other = make.sheet(SheetState.ISSUED)
    assert arrive(sheet, leaf_of(other)).outcome == "other_sheet"
    assert arrive(sheet, leaf_of(_sheet_of_an_earlier_round(make))).outcome == "earlier_round"
    assert arrive(sheet, None, page=None, verdict="unknown", reasons=("few_marks",)).outcome == "unknown"
    titles = {
        families.answer(opened(sheet), photo.receipt, True).verdict.title
        for photo in db.session.query(Photo).filter_by(sheet_id=sheet.id)
    }
    assert len(titles) == 3
    assert sheet.state == SheetState.ISSUED


def _sheet_of_an_earlier_round(make: Make) -> Sheet:
    old = make.sheet(SheetState.ISSUED)
    old.round_id = make.round(title="往年", year=2000).id
    db.session.commit()
    return old


def test_the_sentence_of_a_retake_names_the_reason(sheet: Sheet) -> None:
    photo = arrive(sheet, leaf_of(sheet), verdict="retake", reasons=("corner.bottom_left", "blur"), corners=3)
    verdict = families.answer(opened(sheet), photo.receipt, True).verdict
    assert "左下角" in verdict.lines[0]
    assert len(verdict.lines) == 2


def test_what_was_written_is_named_in_the_order_of_the_paper(sheet: Sheet) -> None:
    photo = arrive(sheet, leaf_of(sheet), written=("phone", "current_address"))
    answer = families.answer(opened(sheet), photo.receipt, pictures=True)
    assert [item.code for item in answer.written] == ["current_address", "phone"]
    assert answer.cropped == {"phone", "current_address"}
    assert families.crop(opened(sheet), photo.receipt, "phone")
    with pytest.raises(NotFound):
        families.crop(opened(sheet), photo.receipt, "name")


def test_without_the_right_to_see_there_are_no_pictures(sheet: Sheet) -> None:
    photo = arrive(sheet, leaf_of(sheet), written=("phone",))
    answer = families.answer(opened(sheet), photo.receipt, pictures=False)
    assert (answer.pictures, answer.cropped) == (False, frozenset())


def test_a_receipt_belongs_to_its_own_paper(make: Make, sheet: Sheet) -> None:
    other = make.sheet(SheetState.ISSUED)
    photo = arrive(other, leaf_of(other))
    for ask in (
        lambda: families.answer(opened(sheet), photo.receipt, True),
        lambda: families.picture(opened(sheet), photo.receipt, large=True),
        lambda: families.crop(opened(sheet), photo.receipt, "phone"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_same_bytes_give_the_same_receipt(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    leaf, data = leaf_of(sheet), jpeg()
    monkeypatch.setattr(readings, "read_now", lambda photo: _read(photo, leaf))
    first = families.send(opened(sheet), data)
    assert families.send(opened(sheet), data) == first
    assert families.send(opened(sheet), jpeg()) != first
    assert db.session.query(Photo).count() == 2


def _read(photo: Photo, leaf: object) -> Photo:
    return readings.keep(photo, seen(leaf)) if photo.outcome == "waiting" else photo


@pytest.mark.parametrize("closed", list(Closed))
def test_a_closed_paper_takes_no_photo_and_says_what_to_do(sheet: Sheet, closed: Closed) -> None:
    with pytest.raises(TooLate, match="。"):
        families.send(opened(sheet, closed), jpeg())
    assert db.session.query(Photo).count() == 0


def test_what_is_no_photo_is_refused_with_what_to_do(sheet: Sheet) -> None:
    for data in (b"%PDF-1.7", b"<svg/>", b"hello"):
        with pytest.raises(Refusal, match="。"):
            families.send(opened(sheet), data)
    assert db.session.query(Photo).count() == 0


def test_progress_says_nothing_before_something_came(sheet: Sheet) -> None:
    assert families.progress_of(opened(sheet)) is None


def test_progress_follows_the_sheet(make: Make, sheet: Sheet) -> None:
    leaf = leaf_of(sheet)
    photo = photos.receive(sheet, jpeg(), photos.Sender("family"))
    assert "正在看" in families.progress_of(opened(sheet)).words
    readings.keep(photo, seen(leaf, verdict="retake", reasons=("blur",)))
    assert families.progress_of(opened(sheet)).wanted
    arrive(sheet, leaf)
    told = families.progress_of(opened(sheet))
    assert (told.wanted, told.done) == (False, False)
    teacher = make.actor(Role.TEACHER, sheet.class_)
    checking.check(teacher, sheet.id, sheet.version, checking.Eyes(changed=False))
    told = families.progress_of(opened(sheet))
    assert (told.wanted, told.done) == (False, True)


def test_what_was_sent_back_says_why_until_a_new_photo_comes(make: Make, sheet: Sheet) -> None:
    leaf, teacher = leaf_of(sheet), make.actor(Role.TEACHER, sheet.class_)
    arrive(sheet, leaf)
    checking.send_back(teacher, sheet.id, sheet.version, "字看不清")
    told = families.progress_of(opened(sheet))
    assert (told.wanted, told.reason) == (True, "字看不清")
    arrive(sheet, leaf, verdict="retake", reasons=("blur",))
    told = families.progress_of(opened(sheet))
    assert (told.wanted, told.reason) == (True, None)
    arrive(sheet, leaf)
    assert not families.progress_of(opened(sheet)).wanted


def test_a_paper_on_the_teachers_desk_needs_no_photo(make: Make, sheet: Sheet) -> None:
    arrive(sheet, leaf_of(sheet), verdict="retake", reasons=("blur",))
    sheets.tick_returned(make.actor(Role.TEACHER, sheet.class_), sheet)
    assert not families.progress_of(opened(sheet)).wanted


def test_items_are_told_by_word_once_the_school_has_looked(make: Make, sheet: Sheet) -> None:
    arrive(sheet, leaf_of(sheet), written=("phone", "birth_date"))
    assert families.progress_of(opened(sheet)).items == ()
    for change in sheet.changes:
        change.outcome, change.reason = ("accepted", None) if change.item == "phone" else ("refused", "户口簿上是 2014")
    sheet.state = SheetState.ENTERED
    db.session.commit()
    told = families.progress_of(opened(sheet)).items
    assert [(one.item.code, one.words.look.chip) for one in told] == [
        ("birth_date", "refused"),
        ("phone", "accepted"),
    ]
    assert "户口簿" not in str(told)

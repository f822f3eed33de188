"""Accepting together what was typed on the screen and is on the signed paper (G, bulk acceptance of low-risk items)."""

from __future__ import annotations

from typing import Any

import pytest

from portal.models import Change, Pupil, Sheet, Switch, db
from portal.rules.place_settings import CONTROLLED, LOW_RISK, ONE_BY_ONE
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import column_entry, column_typed, entry, place_settings
from portal.services.refusals import NotFound, Refusal
from tests.make import Make
from tests.photographs import arrive, leaf_of

GOOD = {"phone": "15400001234", "postcode": "999000"}


@pytest.fixture
def school(make: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Open for entry and unlocked."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    return make


def operator(make: Make) -> Actor:
    return make.actor(Role.OPERATOR, make.school())


def said(make: Make, typed: dict[str, str], written: tuple[str, ...], **seen: Any) -> Sheet:
    """A passed sheet: typed on the screen, written on the paper."""
    sheet = make.sheet(SheetState.ISSUED, make.pupil())
    arrive(sheet, leaf_of(sheet), written=(*written, *typed), **seen)
    for change in sheet.changes:
        if change.item in typed:
            change.values = change.values | {"typed": typed[change.item]}
    sheet.state = SheetState.PASSED
    db.session.commit()
    return sheet


def change_of(sheet: Sheet, item: str) -> Change:
    return next(change for change in sheet.changes if change.item == item)


def listed(make: Make, actor: Actor) -> list[str]:
    return [row.item.code for row in column_typed.agreeing(actor, make.class_().id)]


def test_list_holds_exactly_what_was_typed_and_written_at_little_risk(school: Make) -> None:
    said(school, GOOD | {"ethnic_group": "02", "guardian1_phone": "15400005678"}, ("email",))
    assert listed(school, operator(school)) == ["phone", "postcode", "guardian1_phone"]


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ({"phone": "1540000"}, {}),
        (GOOD, {"verdict": "retake", "reasons": ("blur",)}),
    ],
    ids=["against the rules", "not read whole"],
)
def test_list_holds_nothing_doubtful(school: Make, typed: dict[str, str], seen: dict[str, Any]) -> None:
    said(school, typed, (), **seen)
    assert listed(school, operator(school)) == []


def test_paper_without_writing_is_not_in_the_list(school: Make) -> None:
    sheet = said(school, {"phone": "15400001234"}, ())
    change = change_of(sheet, "phone")
    reading = sheet.photos[0].reading
    assert reading is not None
    reading.seen = reading.seen | {"written": {"phone": {"state": "unsure", "ticked": [], "crop": None}}}
    db.session.commit()
    assert listed(school, operator(school)) == []
    assert change.outcome == "open"


def test_rows_are_accepted_as_they_were_and_others_named(school: Make) -> None:
    first, second, third = (said(school, GOOD, ()) for _ in range(3))
    who = operator(school)
    versions = {row.change_id: row.version for row in column_typed.agreeing(who, school.class_().id)}
    entry.refuse_value(who, change_of(second, "phone").id, "不是这个号码")
    column_entry.claim(operator(school), "phone")  # the third is before somebody else now
    outcome = column_typed.accept(who, versions)
    assert outcome.accepted == 3
    assert [(row.item.code, why) for row, why in outcome.left_out] == [("phone", column_typed.CHANGED)] * 3
    db.session.expire_all()
    for sheet in (first, second, third):
        assert db.session.get_one(Pupil, sheet.pupil_id).record["postcode"] == GOOD["postcode"]


def test_accepting_an_empty_list_or_what_is_not_there_does_nothing(school: Make) -> None:
    sheet = said(school, GOOD, ())
    who = operator(school)
    with pytest.raises(Refusal):
        column_typed.accept(who, {})
    stranger = school.actor(Role.OPERATOR, school.school("2199000002", "试验市第二小学"))
    assert column_typed.accept(stranger, {change_of(sheet, "phone").id: 1}) == column_typed.Outcome(0)
    with pytest.raises(NotFound):
        column_typed.agreeing(stranger, sheet.class_id)


def test_authority_takes_items_out_and_key_data_were_never_in(school: Make) -> None:
    """G8: what is under control is not accepted together either."""
    province = school.actor(Role.REGISTRAR, school.province())
    place_settings.save(province, {ONE_BY_ONE: ("phone",), CONTROLLED: ("postcode",)})
    said(school, GOOD | {"email": "lin@example.org"}, ())
    assert listed(school, operator(school)) == ["email"]
    assert not {"name", "guardian1_id_number", "guardian2_id_doc_type"} & set(LOW_RISK)

"""Typed corrections at entry: prefilled, beside the ink, with what does not agree; what was not written is refused."""

from __future__ import annotations

import pytest

from portal.models import Sheet, Switch, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import entry, family_changes, looking
from portal.services.entry_lines import Line, lines_of
from tests.make import Make
from tests.photographs import arrive, leaf_of
from tests.services.test_family_check import Family


@pytest.fixture
def sheet(make: Make, monkeypatch: pytest.MonkeyPatch) -> Sheet:
    """Typed, written, both; a paper has come and the leader has passed it."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    sheet = make.sheet(SheetState.ISSUED)
    family, leaf = Family(make, sheet), leaf_of(sheet)
    for item, value in (("postcode", "999000"), ("email", "a@example.org"), ("left_behind", "1"), ("blood_type", "")):
        assert family.save(item, value).is_whole
    family_changes.ask_school(family.actor, family.child, "talent", 0)
    family_changes.save(family.actor, family.child, "extended", {}, confirm=True)
    arrive(sheet, leaf, written=("postcode", "orphan", "phone"), ticked={"left_behind": ("2",)})
    db.session.expire_all()
    sheet.state = SheetState.PASSED
    db.session.commit()
    return sheet


def lines(sheet: Sheet) -> dict[str, Line]:
    db.session.expire_all()
    return {line.item.code: line for line in lines_of(sheet)}


def test_what_was_typed_begins_the_input_and_disagreements_are_told(sheet: Sheet) -> None:
    found = lines(sheet)
    assert (found["postcode"].typed, found["postcode"].by_family, found["postcode"].told) == ("999000", "999000", None)
    assert found["postcode"].change.crop_address
    assert "纸上没有写" in (found["email"].told or "")
    assert "不一样" in (found["left_behind"].told or "")
    assert found["left_behind"].by_family == "单亲留守儿童"
    assert "手机上家长说没有错" in (found["orphan"].told or "")
    assert found["phone"].told is None, "its group was not confirmed"
    assert found["blood_type"].cleared
    assert (found["talent"].asked, found["talent"].told) == (True, None)


def test_a_typed_value_is_entered_as_any_other(make: Make, sheet: Sheet) -> None:
    operator = make.actor(Role.OPERATOR, sheet.school)
    line = lines(sheet)["postcode"]
    entry.enter_value(operator, line.change.id, line.typed)
    assert sheet.pupil.record["postcode"] == "999000"
    assert lines(sheet)["postcode"].change.values["typed"] == "999000"


def test_what_was_typed_only_is_refused_with_words_for_the_family(make: Make, sheet: Sheet) -> None:
    operator, before = make.actor(Role.OPERATOR, sheet.school), sheet.written
    change = entry.nothing_written(operator, lines(sheet)["email"].change.id)
    assert (change.outcome, change.reason) == ("refused", entry.NOT_ON_PAPER)
    assert db.session.get_one(Sheet, sheet.id).written == before


def test_the_teacher_sees_what_was_typed(make: Make, sheet: Sheet) -> None:
    look = looking.look(make.actor(Role.TEACHER, sheet.class_), sheet.id)
    typed = {line.item.code for line in look.typed}
    assert typed == {"postcode", "email", "left_behind", "blood_type", "talent"}

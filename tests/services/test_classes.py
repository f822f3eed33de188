"""The class as its teacher and its school see it."""

from __future__ import annotations

import io

import pypdfium2
import pytest

from portal.models import Photo, RegistrationCode, Sheet, db
from portal.rules.items import ITEMS
from portal.rules.numbers import grouped, normalise_code
from portal.rules.roles import Actor, Role
from portal.rules.standing import Group, Standing
from portal.rules.workflow import SheetState
from portal.services import classes, doors, looking, new_codes, printed_codes, readings, unchanged
from portal.services.history import steps_of
from portal.services.refusals import NotFound, Refusal
from tests.make import Make
from tests.photographs import arrive, jpeg, leaf_of, seen


@pytest.fixture
def teacher(make: Make) -> Actor:
    return make.actor(Role.TEACHER, make.class_())


def pupil_sheet(make: Make, seat: str, state: SheetState = SheetState.ISSUED, **facts: object) -> Sheet:
    return make.sheet(state, make.pupil(class_seat_number=seat), **facts)


def test_every_pupil_in_scope_stands_in_one_tile_in_order_of_numbers(make: Make, teacher: Actor) -> None:
    states = [SheetState.ISSUED, SheetState.RECEIVED, SheetState.CHECKED, SheetState.ENTERED, SheetState.EXPECTED]
    for seat, state in zip(("10", "2", "", "03", "1"), states, strict=True):
        pupil_sheet(make, seat, state)
    pupil_sheet(make, "4", SheetState.ISSUED, in_scope=False, exclusion="left")
    listed = classes.class_list(teacher)
    assert [row.seat for row in listed.rows] == ["1", "2", "03", "10", ""]
    assert {group: listed.count(group) for group in Group} == {
        Group.MISSING: 2, Group.REDO: 0, Group.WAITING: 1, Group.CHECKED: 1, Group.ENTERED: 1,
    }  # fmt: skip
    assert len(listed.of(None)) == 5


def test_the_own_teacher_sees_names_and_the_school_a_mask(make: Make, teacher: Actor) -> None:
    make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))
    registrar = make.actor(Role.REGISTRAR, make.school())
    assert classes.class_list(teacher).rows[0].name == "林小试"
    seen_by_school = classes.class_list(registrar, teacher.place_id)
    assert (seen_by_school.rows[0].name, seen_by_school.own) == ("林＊试", False)


def test_another_class_and_a_school_are_no_class_list(make: Make, teacher: Actor) -> None:
    other = make.class_(code="2020107", name="六年级（7）班")
    elsewhere = make.class_(make.school("2199000002", "试验市第二小学"))
    registrar = make.actor(Role.REGISTRAR, make.school())
    for actor, place in (
        (teacher, other.id),
        (registrar, elsewhere.id),
        (registrar, make.school().id),
        (registrar, None),
    ):
        with pytest.raises(NotFound):
            classes.class_list(actor, place)


def test_a_strange_photo_brings_its_sheet_to_the_teacher(make: Make, teacher: Actor) -> None:
    sheet = pupil_sheet(make, "1")
    arrive(sheet, None, page=None, verdict="unknown", reasons=("few_marks",), flat=True)
    assert classes.class_list(teacher).rows[0].standing == Standing.RECEIVED
    look = looking.look(teacher, sheet.id)
    assert len(look.unrecognised) == 1
    assert classes.page_image(teacher, look.unrecognised[0])


def test_the_teacher_sends_a_photo_for_a_family(make: Make, teacher: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = pupil_sheet(make, "1")
    leaf = leaf_of(sheet)
    monkeypatch.setattr(readings, "read_now", lambda photo: readings.keep(photo, seen(leaf)))
    classes.upload(teacher, sheet.id, jpeg())
    photo = db.session.query(Photo).one()
    assert (photo.source, photo.by_id, sheet.state) == ("teacher", teacher.user_id, SheetState.RECEIVED)
    with pytest.raises(Refusal):
        classes.upload(teacher, sheet.id, b"no photo")


def test_the_paper_is_ticked_in_and_out(make: Make, teacher: Actor) -> None:
    sheet = pupil_sheet(make, "1")
    classes.tick(teacher, sheet.id, True)
    assert (sheet.returned, sheet.state) == (True, SheetState.RECEIVED)
    classes.tick(teacher, sheet.id, False)
    assert not sheet.returned


def test_a_cause_is_noted_and_cleared(make: Make, teacher: Actor) -> None:
    sheet = pupil_sheet(make, "1")
    classes.set_cause(teacher, sheet.id, "away")
    assert classes.class_list(teacher).rows[0].why == "去外地了"
    classes.set_cause(teacher, sheet.id, "")
    assert classes.class_list(teacher).rows[0].why == ""
    with pytest.raises(Refusal):
        classes.set_cause(teacher, sheet.id, "lazy")


def test_a_new_code_works_and_the_old_one_not(make: Make, teacher: Actor) -> None:
    sheet = pupil_sheet(make, "1")
    old = printed_codes.make_code(sheet).code
    db.session.commit()
    name, code = new_codes.reset_code(teacher, sheet.id)
    assert name == sheet.pupil.record["name"]
    assert doors.by_selector(doors.use_code(normalise_code(code))).sheet_id == sheet.id
    with pytest.raises(Refusal):
        doors.use_code(old)


def test_a_slip_prints_the_present_code_and_is_noted(make: Make, teacher: Actor) -> None:
    sheet = pupil_sheet(make, "1")
    _name, code = new_codes.reset_code(teacher, sheet.id)
    out = io.BytesIO()
    new_codes.print_slip(teacher, sheet.id, out)
    text = pypdfium2.PdfDocument(out.getvalue())[0].get_textpage().get_text_bounded()
    assert grouped(code) in text
    assert steps_of(sheet.id)[-1][0].move == "PRINT_CODE_SLIP"
    claimed = db.session.query(RegistrationCode).filter_by(sheet_id=sheet.id, live=True).one()
    claimed.code = None
    db.session.commit()
    with pytest.raises(Refusal, match="已经用过"):
        new_codes.print_slip(teacher, sheet.id, io.BytesIO())


def test_nothing_of_another_class_can_be_touched(make: Make) -> None:
    sheet = pupil_sheet(make, "1")
    photo = arrive(sheet, leaf_of(sheet), written=("phone",))
    stranger = make.actor(Role.TEACHER, make.class_(code="2020107", name="六年级（7）班"))
    for act in (
        lambda: looking.look(stranger, sheet.id),
        lambda: unchanged.page_of(stranger, sheet.class_id),
        lambda: classes.upload(stranger, sheet.id, jpeg()),
        lambda: classes.tick(stranger, sheet.id, True),
        lambda: classes.set_cause(stranger, sheet.id, "away"),
        lambda: new_codes.reset_code(stranger, sheet.id),
        lambda: new_codes.print_slip(stranger, sheet.id, io.BytesIO()),
        lambda: classes.page_image(stranger, photo.id),
        lambda: classes.crop(stranger, photo.id, "phone"),
    ):
        with pytest.raises(NotFound):
            act()


def test_the_look_shows_what_was_written_where(make: Make, teacher: Actor) -> None:
    sheet = pupil_sheet(make, "1")
    arrive(sheet, leaf_of(sheet), written=("phone",), ticked={"only_child": ("0",), "home_address": ("same",)})
    look = looking.look(teacher, sheet.id)
    assert [box.item.code for box in look.written] == [
        code for code in ITEMS if code in {"phone", "only_child", "home_address"}
    ]
    ticked = {box.item.code: box.ticked for box in look.written}
    assert ticked == {"phone": (), "only_child": ("否",), "home_address": ("same",)}
    assert look.written[0].printed
    assert len(look.picture.places) == 3
    assert all(0 <= x < 100 and 0 <= y < 100 for x, y, _w, _h in look.picture.places)
    assert (look.is_read, look.signed, look.may_check, look.may_send_back) == (True, True, True, True)


def test_the_walk_goes_through_those_that_wait(make: Make, teacher: Actor) -> None:
    sheets = [pupil_sheet(make, str(seat)) for seat in range(1, 5)]
    for sheet in (sheets[0], sheets[2], sheets[3]):
        arrive(sheet, leaf_of(sheet))
    walk = looking.walk(teacher, looking.look(teacher, sheets[2].id))
    assert (walk.position, walk.total, walk.previous_id, walk.next_id) == (2, 3, sheets[0].id, sheets[3].id)
    assert looking.next_waiting(teacher, sheets[0].class_id, sheets[3].id) == sheets[0].id
    assert looking.next_waiting(teacher, sheets[0].class_id, sheets[1].id) == sheets[2].id


def test_after_the_last_one_nothing_waits(make: Make, teacher: Actor) -> None:
    only = pupil_sheet(make, "1")
    arrive(only, leaf_of(only))
    assert looking.next_waiting(teacher, only.class_id, only.id) is None

"""Settings saved by authorities, inherited down the path, only ever tightened (P8, G8)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from portal.models import Place, Step, db
from portal.models import Switch as TimeSwitch
from portal.rules.place_settings import CONTROLLED, Switch, Value
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import classes, entry, piles, place_settings
from portal.services.readings import new_change
from portal.services.refusals import NotYours, Refusal
from tests.make import Make
from tests.press import unlock


@pytest.fixture
def province(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.province())


@pytest.fixture
def county(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.county())


def test_without_anything_set_the_defaults_hold(make: Make) -> None:
    path = make.class_().path
    assert all(place_settings.is_on(path, switch) for switch in Switch)
    assert place_settings.controlled_items(path) == ()
    assert place_settings.class_size_limit(path, "1") == 45
    assert place_settings.class_size_limit(path, "9") is None


def test_what_somebody_else_saved_meanwhile_is_kept(county: Actor) -> None:
    """The screen has read the place before it is locked; what was read may be old by then."""
    place = db.session.get_one(Place, county.place_id)
    assert place.settings == {}
    theirs = {"rules": {Switch.PILES: {"value": False, "by": None, "at": None}}}
    told = update(Place).where(Place.id == place.id).values(settings=theirs)
    db.session.execute(told, execution_options={"synchronize_session": False})
    place_settings.save(county, {"class_size_1": 40})
    assert not place_settings.is_on(county.path, Switch.PILES)
    assert place_settings.class_size_limit(county.path, "1") == 40


def test_what_the_province_sets_holds_below_and_nowhere_else(make: Make, county: Actor) -> None:
    other = make.school("2199000009", "试验二区小学", make.county("990102", "试验二区教育局"))
    place_settings.save(county, {Switch.PILES: False, CONTROLLED: ("phone",), "class_size_1": 40})
    here = make.class_().path
    assert not place_settings.is_on(here, Switch.PILES)
    assert place_settings.is_controlled(here, "phone")
    assert not place_settings.is_controlled(here, "postcode")
    assert place_settings.class_size_limit(here, "1") == 40
    assert place_settings.is_on(other.path, Switch.PILES)
    assert not place_settings.is_controlled(other.path, "phone")
    with pytest.raises(Refusal, match="一张一张传"):
        place_settings.require_on(here, Switch.PILES)
    place_settings.require_on(other.path, Switch.PILES)


def test_a_lower_level_tightens_and_never_loosens(make: Make, province: Actor, county: Actor) -> None:
    place_settings.save(province, {Switch.PILES: False, "class_size_1": 42, CONTROLLED: ("phone",)})
    wrong: list[tuple[dict[str, Value | None], str]] = [
        ({Switch.PILES: True}, "开不了"),
        ({"class_size_1": 50}, "42 人"),
    ]
    for wanted, words in wrong:
        with pytest.raises(Refusal, match=words):
            place_settings.save(county, wanted)
        db.session.rollback()
    place_settings.save(county, {"class_size_1": 40, CONTROLLED: ("postcode", "phone")})
    path = make.school().path
    assert place_settings.class_size_limit(path, "1") == 40
    assert set(place_settings.controlled_items(path)) == {"phone", "postcode"}
    standing = place_settings.standings_of(make.county().path)[CONTROLLED]
    assert standing.own == ("postcode",), "what comes from above is not kept twice"
    assert [origin.place for origin in standing.origins] == ["试验省教育厅", "试验一区教育局"]


def test_a_later_tightening_above_wins_over_what_stands_below(make: Make, province: Actor, county: Actor) -> None:
    place_settings.save(county, {"class_size_1": 40, Switch.PILES: True})
    place_settings.save(province, {"class_size_1": 35, Switch.PILES: False})
    assert place_settings.class_size_limit(make.school().path, "1") == 35
    assert not place_settings.is_on(make.school().path, Switch.PILES)


def test_each_change_is_a_step_with_before_and_after_and_who(make: Make, county: Actor) -> None:
    assert place_settings.save(county, {"class_size_1": 40, Switch.PILES: True}) == ["class_size_1"]
    assert place_settings.save(county, {"class_size_1": 38}) == ["class_size_1"]
    assert place_settings.save(county, {"class_size_1": 38}) == []
    assert place_settings.save(county, {"class_size_1": None}) == ["class_size_1"]
    steps = db.session.scalars(select(Step).where(Step.move == "SET_SETTING").order_by(Step.at)).all()
    assert [(s.details["before"], s.details["after"]) for s in steps] == [(None, 40), (40, 38), (38, None)]
    assert {(s.by_id, s.thing_id) for s in steps} == {(county.user_id, county.place_id)}
    assert place_settings.class_size_limit(make.school().path, "1") == 45


def test_who_set_it_is_told(make: Make, county: Actor) -> None:
    place_settings.save(county, {Switch.PILES: False})
    (origin,) = place_settings.standings_of(make.school().path)[Switch.PILES].origins
    assert (origin.place, origin.person, origin.value) == ("试验一区教育局", "周试验", False)
    assert origin.at is not None


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"class_size_1": 5}, "10 和 90"),
        ({CONTROLLED: ("name",)}, "没有这个项目"),
        ({"class_size_2": True}, "10 和 90"),
    ],
)
def test_values_out_of_bounds_save_nothing(make: Make, county: Actor, wanted: dict, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        place_settings.save(county, {Switch.PILES: False} | wanted)
    db.session.rollback()
    assert place_settings.is_on(make.school().path, Switch.PILES)


def test_schools_only_look(make: Make) -> None:
    with pytest.raises(NotYours):
        place_settings.save(make.actor(Role.REGISTRAR, make.school()), {Switch.PILES: False})


def test_what_others_keep_in_the_settings_of_a_place_stays(make: Make, county: Actor) -> None:
    place = make.county()
    place.settings = {"other": 1}
    db.session.commit()
    place_settings.save(county, {Switch.PILES: False})
    db.session.expire_all()
    assert db.session.get_one(Place, place.id).settings["other"] == 1


def test_classes_above_their_limit_are_named(make: Make, county: Actor) -> None:
    place_settings.save(county, {"class_size_1": 10})
    class_, registrar = make.class_(), make.actor(Role.REGISTRAR, make.school())
    for _ in range(11):
        make.pupil(class_)
    make.pupil(make.class_(code="2020107", name="六年级（7）班"))
    assert [(c.id, n, limit) for c, n, limit in place_settings.large_classes(registrar)] == [(class_.id, 11, 10)]
    assert place_settings.too_large(make.school().path, {"2020106": 10, "2020206": 51}) == [("2020206", 51, 50)]


def test_a_controlled_item_is_not_entered_but_applied_for(make: Make, county: Actor) -> None:
    """G8"""
    make.window(switch=TimeSwitch.ENTRY)
    operator = make.actor(Role.REGISTRAR, make.school())
    unlock(make, operator.place_id, operator.user_id)
    change = new_change(make.sheet(SheetState.PASSED), "phone")
    db.session.commit()
    with pytest.raises(Refusal, match="不是关键信息"):
        entry.apply_for(operator, change.id)
    db.session.rollback()
    place_settings.save(county, {CONTROLLED: ("phone",)})
    with pytest.raises(Refusal, match="受控项目"):
        entry.enter_value(operator, change.id, "15400001234")
    db.session.rollback()
    assert entry.apply_for(operator, change.id).outcome == "applied_for"


def test_what_is_switched_off_refuses_with_its_sentence(make: Make, county: Actor) -> None:
    sheet, teacher = make.sheet(SheetState.ISSUED), make.actor(Role.TEACHER, make.class_())
    place_settings.save(county, {Switch.PILES: False, Switch.TEACHER_UPLOAD: False})
    with pytest.raises(Refusal, match="一张一张传"):
        piles.open_pile(teacher)
    with pytest.raises(Refusal, match="代传"):
        classes.upload(teacher, sheet.id, b"x")

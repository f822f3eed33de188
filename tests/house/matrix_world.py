"""The world of the matrices: every role at every place that matters, and a way to try things without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.models import Place, User, db
from portal.rules.roles import Actor, Level, Role
from portal.services import accounts
from tests.make import PASSWORD, Make

#: places by plain name; the first school is the one whose pupils everything is about
HOME = "school"
SCHOOLS = ("school", "school of the same county", "school of the next county", "school of the other province")
RUN_DIRECTLY = ("school run by the prefecture", "school run by the province")
AUTHORITIES = ("county", "next county", "prefecture", "next prefecture", "province", "other province", "ministry")


def build_places(make: Make) -> dict[str, Place]:
    """Own school with two classes, its neighbours, every authority above and beside, another province."""
    ministry = make.place(Level.MINISTRY, "000000", "试验部")
    far_province = make.place(Level.PROVINCE, "980000", "别省教育厅")
    far_prefecture = make.place(Level.PREFECTURE, "980100", "别市教育局", far_province)
    far_county = make.place(Level.COUNTY, "980101", "别区教育局", far_prefecture)
    next_prefecture = make.place(Level.PREFECTURE, "990200", "试验二市教育局", make.province())
    next_county = make.county("990102", "试验二区教育局")
    places = {
        "ministry": ministry,
        "other province": far_province,
        "next prefecture": next_prefecture,
        "next county": next_county,
        "province": make.province(),
        "prefecture": make.prefecture(),
        "county": make.county(),
        HOME: make.school(),
        "school of the same county": make.school("2199000002", "试验市第二小学"),
        "school of the next county": make.school("2199000003", "试验二区小学", next_county),
        "school of the other province": make.school("2198000001", "别区小学", far_county),
        "school run by the prefecture": make.school("2199000004", "试验市直属小学", make.prefecture()),
        "school run by the province": make.school("2199000005", "试验省直属小学", make.province()),
    }
    for name in (*SCHOOLS, *RUN_DIRECTLY):
        places[f"class of {name}"] = make.class_(places[name])
    places["next class"] = make.class_(places[HOME], "2021107", "五年级（7）班")
    return places


class People:
    """Actors by (role, name of the place), each with an account and a post of its own."""

    def __init__(self, places: dict[str, Place]) -> None:
        self.places = places
        self._serial = 0
        self.everybody = {(role, name): self.hire(role, name) for role in Role for name in places}
        db.session.commit()

    def hire(self, role: Role, name: str, user: User | None = None) -> Actor:
        """One more person with this role at a place. The caller commits."""
        place = self.places[name]
        self._serial += 1
        user = user or accounts.make_user(place, f"one-{self._serial}", "周试验", role, place, PASSWORD)
        # what a family sees lies below itself and no place
        path = f"family/{user.id.hex}/" if role == Role.PARENT else place.path
        return Actor(user.id, None, role, place.level, place.id, path, "周试验", place.name)

    def second_post(self, actor: Actor, role: Role, name: str, make: Make) -> Actor:
        """The same person in another post."""
        user = db.session.get_one(User, actor.user_id)
        make.post(user, role, self.places[name])
        return self.hire(role, name, user)


@contextmanager
def no_trace() -> Iterator[None]:
    """What is done inside is flushed, never committed, and gone afterwards: thousands of attempts on one world."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.session, "commit", db.session.flush)
        try:
            yield
        finally:
            db.session.rollback()

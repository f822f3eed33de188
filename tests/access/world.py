"""The world of the access tests: the same things of every kind in five places, all made up.

A home is a class. What belongs to it is found by (kind, home); a kind is the name of an address part, so that a route
with a new kind of object fails until this world has one. Everything a home holds has ids and names that stand nowhere
else: whoever sees one of them has seen that home.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from portal.keys import random_id
from portal.models import Place, SignIn, Switch, User, db
from portal.models.people import Post
from portal.rules.clock import now, today
from portal.rules.roles import Actor, Level, Role
from portal.services import accounts, figures
from portal.services.receipt_numbers import free_receipt
from tests.make import Make
from tests.press import unlock

#: homes from near to far: the own class, one next door, another school, another county, another province
HOMES = ("class", "other class", "other school", "other county", "other province")
#: a child of the own class that is not the own child; the things of a family are also there
CLASSMATE = "classmate"
#: family names of the pupils of each home, found in no other text of the portal
SURNAMES = dict(zip(HOMES, "佟郗鄢璩緱", strict=True))
#: how a mark looks: an id, a name, a number
MARK = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|[佟郗鄢璩緱]试[\u4e00-\u9fff]{1,3}|[A-Z]?\d{10,18}[\dX]"
)
_STAFF = (Role.REGISTRAR, Role.LEADER, Role.OPERATOR)


@dataclass
class World:
    """Places and things by name; `paths` say where a thing lies; `tokens` are sign-ins by name of the actor."""

    make: Make
    places: dict[str, Place] = field(default_factory=dict)
    things: dict[tuple[str, str], Any] = field(default_factory=dict)
    paths: dict[tuple[str, str], str] = field(default_factory=dict)
    marks: dict[str, set[str]] = field(default_factory=lambda: {home: set() for home in HOMES})
    school_marks: dict[str, set[str]] = field(default_factory=dict)
    people: dict[tuple[Role, str], UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    families: dict[str, UUID] = field(default_factory=dict)
    names: dict[UUID, set[str]] = field(default_factory=dict)
    #: what is well formed and stands for nothing, for kinds that are no ids
    never: dict[str, str] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    _known: str = ""

    def add(self, kind: str, home: str, thing: Any, path: str | None = None) -> None:
        """Keep a thing of a home; an id or a name that shows it becomes a mark of the home."""
        value = thing if isinstance(thing, UUID | str | int) else thing.id
        self.things[(kind, home)] = value
        self.paths[(kind, home)] = path if path is not None else thing.path
        if isinstance(value, UUID) and not isinstance(thing, Place) and home in self.marks:
            self.mark(home, value.hex)

    def mark(self, home: str, *texts: str) -> None:
        """Texts that only somebody of this home may see: ids as hex, names with its family name, long numbers."""
        assert all(MARK.fullmatch(text) for text in texts if text), texts
        self.marks[home] |= set(texts)

    def hire(self, role: Role, place: Place, home: str = "") -> User:
        """An account with a post and its second step; the work of hashing a password is done once."""
        if not self._known:
            self._known = self.make.user(role, place).password_hash
        user = User(home_id=place.id, login=f"{role.value.lower()}-{self.make.next()}", password_hash=self._known)
        user.home, user.name, user.must_change, user.second_on_at = place, "周试验", False, now()
        db.session.add(user)
        db.session.flush()
        db.session.add(Post(user_id=user.id, place_id=place.id, path=place.path, role=role, begins=today()))
        db.session.commit()
        self.people.setdefault((role, home), user.id)
        return user

    def sign_in(self, user: User) -> str:
        """The token of a sign-in whose second step has been shown."""
        db.session.refresh(user)
        token = accounts.begin(user, user.posts[0])
        for row in db.session.query(SignIn).filter_by(user_id=user.id):
            row.proven_at = now()
        db.session.commit()
        return token

    def outside(self, path: str | None) -> frozenset[str]:
        """What nobody of this path may see: the marks of all homes that do not lie below it."""
        homes = [home for home in HOMES if path is None or not self.where[home].startswith(path)]
        found = {mark for home in homes for mark in self.marks[home]}
        for home in HOMES:  # a school shows to everybody in it and above it
            school = self.where[f"school of {home}"]
            if path is not None and not path.startswith(school) and not school.startswith(path):
                found |= self.school_marks.get(home, set())
        return frozenset(found)

    def outside_family(self, which: str) -> frozenset[str]:
        """What this family of the own class may not see: everything but its own child."""
        state = "RECEIVED" if which == "classmate" else "ISSUED"
        ending = "" if which == "own" else f" {which}"
        kinds = [f"pupil_id {state}", f"sheet_id {state}", f"child_id{ending}", f"guardianship_id{ending}"]
        own = [self.things[(kind, "class")] for kind in kinds]
        if which in ("own", CLASSMATE):
            own.append(self.things[("evidence_id child", "class" if which == "own" else CLASSMATE)])
        return self.outside(None) - {one.hex for one in own} - self.names[own[0]]


def build(make: Make, filled: Callable[[World, str], None] | None = None) -> World:
    """All of it, in an empty database. `filled` is told of each home when it is there and those after it are not."""
    from tests.access import things

    world = World(make)
    _places(world, make)
    world.where = {name: place.path for name, place in world.places.items()}
    world.never["receipt typed"] = free_receipt(random_id(), "0" * 64)
    make.round()
    for switch in Switch:
        make.window(make.province(), switch)
    _staff(world)
    for home in HOMES:
        _people(world, home)
        if home == "class":
            accounts.begin(_user(world, Role.REGISTRAR, home), _user(world, Role.REGISTRAR, home).posts[0])
        if home != "other class":
            school = world.places[f"school of {home}"]
            unlock(make, school.id, world.people[(Role.REGISTRAR, home)])
        things.fill(world, home)
        if home == "class":
            _let_in_families(world)
        figures.fold_all()
        db.session.commit()
        if filled:
            filled(world, home)
    return world


def _user(world: World, role: Role, home: str) -> User:
    return db.session.get_one(User, world.people[(role, home)])


def _places(world: World, make: Make) -> None:
    """Two classes of a school, a school beside it, one of the next county and one of another province."""
    far = make.place(Level.PROVINCE, "980000", "别省教育厅")
    near = make.place(Level.PREFECTURE, "980100", "别市教育局", far)
    schools = {
        "class": make.school(),
        "other school": make.school("2199000002", "试验市第二小学"),
        "other county": make.school("2199000003", "试验二区小学", make.county("990102", "试验二区教育局")),
        "other province": make.school("2198000001", "别区小学", make.place(Level.COUNTY, "980101", "别区教育局", near)),
    }
    schools["other class"] = schools["class"]
    for home in HOMES:
        code, name = ("2021107", "五年级（7）班") if home == "other class" else ("2020106", "六年级（6）班")
        world.places[home] = make.class_(schools[home], code, name)
        world.places[f"school of {home}"] = schools[home]
        county = schools[home].parent
        assert county is not None
        world.places[f"county of {home}"] = county
    world.places |= {"prefecture": make.prefecture(), "province": make.province(), "far province": far}


def _people(world: World, home: str) -> None:
    """The teacher of a home and the staff of its school, who are the same for two classes of one school."""
    world.hire(Role.TEACHER, world.places[home], home)
    for role in _STAFF:
        if home == "other class":
            world.people[(role, home)] = world.people[(role, "class")]
        else:
            world.hire(role, world.places[f"school of {home}"], home)


#: who asks: name -> (role, name of the place)
STAFF = {
    "teacher": (Role.TEACHER, "class"),
    "teacher of another class": (Role.TEACHER, "other class"),
    "registrar": (Role.REGISTRAR, "school of class"),
    "registrar of another school": (Role.REGISTRAR, "school of other school"),
    "operator": (Role.OPERATOR, "school of class"),
    "leader": (Role.LEADER, "school of class"),
    "leader of another school": (Role.LEADER, "school of other school"),
    "county": (Role.REGISTRAR, "county of class"),
    "leader of the county": (Role.LEADER, "county of class"),
    "seat of the county": (Role.OPERATOR, "county of class"),
    "other county": (Role.REGISTRAR, "county of other county"),
    "prefecture": (Role.REGISTRAR, "prefecture"),
    "province": (Role.REGISTRAR, "province"),
    "other province": (Role.REGISTRAR, "far province"),
    "security officer": (Role.SECURITY, "province"),
    "auditor": (Role.AUDITOR, "province"),
    "system administrator": (Role.SYSADMIN, "province"),
    "somebody who has left": (Role.REGISTRAR, "school of class"),
}
FAMILIES = {
    "family": "own",
    "family of a classmate": "classmate",
    "family before it is let in": "waiting",
}
NOBODY = "anonymous"
LEFT = "somebody who has left"
ACTORS = (NOBODY, *STAFF, *FAMILIES)


def _staff(world: World) -> None:
    """A sign-in for everybody who asks. Who has left is signed in first and leaves then: the cookie lives on."""
    for name, (role, place) in STAFF.items():
        user = world.hire(role, world.places[place], f"actor {name}")
        world.tokens[name] = world.sign_in(user)
        if name == LEFT:
            user.ended_at = now()
    db.session.commit()
    _let_in(world, STAFF)


def _let_in_families(world: World) -> None:
    for name, which in FAMILIES.items():
        world.tokens[name] = world.sign_in(db.session.get_one(User, world.families[f"{which} of class"]))
    _let_in(world, FAMILIES)


def _let_in(world: World, names: Iterable[str]) -> None:
    for name in names:
        actor = accounts.actor_of(world.tokens[name])
        assert (actor is None) == (name == LEFT), name
        if actor is not None:
            world.actors[name] = actor

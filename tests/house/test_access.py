"""Every route asked by every role with its own, a neighbour's, a stranger's and a deleted object (R129, R130).

The list of routes is `url_map` itself: a new route is asked without anybody adding it here, and a new kind of object in
a route fails until this world has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from flask import Flask, g
from sqlalchemy import select
from werkzeug.routing import Rule

from portal.models import (
    Application,
    ChangeFile,
    Evidence,
    Export,
    Finding,
    Guardianship,
    Photo,
    Pile,
    Place,
    PrintRun,
    RosterImport,
    Sheet,
    Ticket,
    Unlisted,
    User,
    db,
    key_for,
)
from portal.models.data_keys import scope_of
from portal.rules.access import PUBLIC, Action, may
from portal.rules.applications import ApplicationKind
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, photos
from portal.services.readings import new_change
from portal.web.guard import TOKEN_NAME, action_of
from tests.make import PASSWORD, Make
from tests.photographs import jpeg

#: who asks: role and which of the world's places they are at
ACTORS = {
    "teacher": (Role.TEACHER, "class"),
    "teacher next door": (Role.TEACHER, "other class"),
    "registrar": (Role.REGISTRAR, "school"),
    "operator": (Role.OPERATOR, "school"),
    "leader": (Role.LEADER, "school"),
    "registrar of another school": (Role.REGISTRAR, "other school"),
    "leader of another school": (Role.LEADER, "other school"),
    "county": (Role.REGISTRAR, "county"),
    "seat of the county": (Role.OPERATOR, "county"),
    "other county": (Role.REGISTRAR, "other county"),
    "prefecture": (Role.REGISTRAR, "prefecture"),
    "province": (Role.REGISTRAR, "province"),
    "family": (Role.PARENT, "class"),
    "family of another school": (Role.PARENT, "other school"),
}
HOMES = ("class", "other class", "other school", "other county's school")
#: routes whose objects are found by a printed token instead of a place; they have their own tests
BY_TOKEN = ("/<any(s, S, c, h):door>/",)
#: what ends the asker's own sign-in
LAST = ("web.sign_out", "parents.leave")


@dataclass
class World:
    """One of each thing in four places, and a fifth that does not exist."""

    places: dict[str, Place] = field(default_factory=dict)
    things: dict[tuple[str, str], UUID] = field(default_factory=dict)
    paths: dict[tuple[str, str], str] = field(default_factory=dict)
    families: dict[str, User] = field(default_factory=dict)

    def add(self, kind: str, home: str, thing: UUID, path: str) -> None:
        self.things[(kind, home)], self.paths[(kind, home)] = thing, path


@pytest.fixture
def world(make: Make) -> World:
    world = World()
    school, other = make.school(), make.school("2199000002", "试验市第二小学")
    county = make.county("990102", "试验二区教育局")
    far = make.school("2199000003", "试验二区小学", county)
    world.places = {
        "class": make.class_(school),
        "other class": make.class_(school, "2021107", "五年级（7）班"),
        "other school": make.class_(other),
        "other county's school": make.class_(far),
    }
    for home in HOMES:
        _fill(world, make, home)
    world.places |= {"school": school, "other school": other, "county": make.county(), "other county": county}
    world.places |= {"prefecture": make.prefecture(), "province": make.province()}
    return world


def _fill(world: World, make: Make, home: str) -> None:
    class_ = world.places[home]
    pupil = make.pupil(class_)
    sheet = make.sheet(SheetState.RECEIVED, pupil=pupil)
    change = new_change(sheet, "phone")
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}
    pile = Pile(class_id=class_.id, by_id=make.user(Role.TEACHER, class_).id, **own)
    db.session.add(pile)
    db.session.flush()
    photo = Photo(address=uuid4().hex * 2, size=1, receipt=uuid4().hex[:8].upper(), source="pile", **own)
    photo.sheet_id, photo.pile_id = sheet.id, pile.id
    of_school = own | {"path": class_.path.rsplit("/", 2)[0] + "/"}
    run = PrintRun(number=2 if home == "other class" else 1, selection={"classes": [], "sheets": []}, **of_school)
    upload = RosterImport(school_id=sheet.school_id, address="0" * 64)
    file = ChangeFile(number=run.number, address="0" * 64, **of_school)
    db.session.add_all([photo, run, upload, file])
    teacher = make.user(Role.TEACHER, class_)
    ticket = Ticket(home_id=sheet.school_id, place_id=class_.id, path=class_.path, page="", due_at=now())
    db.session.add(ticket)
    db.session.commit()
    school_path = run.path
    export = Export(
        number=make.next(), kind="roster", choice={}, place_id=sheet.school_id, path=school_path,
        by_id=make.user(Role.REGISTRAR, class_.parent).id,
    )  # fmt: skip
    db.session.add(export)
    db.session.commit()
    for kind, thing, path in (
        ("class_id", class_, class_.path),
        ("place_id", class_, class_.path),
        ("pupil_id", pupil, pupil.path),
        ("sheet_id", sheet, sheet.path),
        ("change_id", change, sheet.path),
        ("photo_id", photo, sheet.path),
        ("pile_id", pile, sheet.path),
        ("run_id", run, school_path),
        ("import_id", upload, school_path),
        ("file_id", file, school_path),
        ("export_id", export, school_path),
        ("user_id", teacher, class_.path),
        ("ticket_id", ticket, class_.path),
    ):
        world.add(kind, home, thing.id, path)
    _asked(world, home, sheet)
    _claim(world, make, home, sheet)
    _found(world, home, sheet, teacher)


def _asked(world: World, home: str, sheet: Sheet) -> None:
    """An application about the pupil."""
    own = {"school_id": sheet.school_id, "pupil_id": sheet.pupil_id, "path": sheet.path}
    asked = Application(kind=ApplicationKind.DELETION, **own)
    db.session.add(asked)
    db.session.commit()
    world.add("application_id", home, asked.id, sheet.path)


def _found(world: World, home: str, sheet: Sheet, teacher: User) -> None:
    """What the person-record check found about the pupil, and a child who is not on the roster."""
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path, "class_id": sheet.class_id}
    finding = Finding(pupil_id=sheet.pupil_id, code="STATUS_DEAD", by_id=teacher.id, **own)
    child = Unlisted(code="NO_RECORD", by_id=teacher.id, **own)
    child.person = {"name": "邱小试", "sex": "1", "birth_date": "20140312", "id_number": "", "from": ""}
    db.session.add_all([finding, child])
    db.session.commit()
    world.add("finding_id", home, finding.id, sheet.path)
    world.add("unlisted_id", home, child.id, sheet.path)


def _claim(world: World, make: Make, home: str, sheet: Sheet) -> None:
    """A guardian of the pupil with a photo of a document, and one of a classmate. What a family asks for lies below
    itself, so that no other family's child is inside, not even of the same class."""
    user, classmate = make.guardian(sheet.pupil), make.guardian(make.pupil(world.places[home]))
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}
    number, key = key_for(sheet.school_id, sheet.round_id)
    blob = photos.put(scope_of(sheet.school_id, sheet.round_id), jpeg(), key, number)
    papers = Evidence(sheet_id=sheet.id, item="name", kind="HUKOU_SCAN", address=blob.address, size=1, **own)
    papers.application_id = world.things[("application_id", home)]
    db.session.add(papers)
    db.session.commit()
    world.families[home] = user
    for kind, who, at in (("child_id", user, home), ("child_id", classmate, f"classmate of {home}")):
        one = db.session.scalars(select(Guardianship).filter_by(user_id=who.id)).one()
        world.add(kind, at, one.id, f"family/{who.id.hex}/")
        world.add("guardianship_id", at, one.id, sheet.path)
        world.add("evidence_id", at, papers.id, sheet.path)


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule, method


def _objects(rule: Rule, world: World) -> Iterator[tuple[str, dict[str, object], str | None]]:
    """(name, URL values, path of the object or None when it does not exist)."""
    ids = [name for name in rule.arguments if name.endswith("_id")]
    rest = {name: FILLERS[name] for name in rule.arguments if name not in ids}
    if not ids:
        yield "no object", rest, ""
        return
    first = "child_id" if "child_id" in ids else ids[0]
    for home in (*HOMES, *(f"classmate of {home}" for home in HOMES if first == "child_id")):
        yield home, rest | {name: world.things[(name, home)] for name in ids}, world.paths[(first, home)]
    yield "deleted", rest | dict.fromkeys(ids, uuid4()), None


#: values for parts of an address that are not objects of a place
FILLERS: dict[str, object] = {
    "measure": "received",
    "move": "send",
    "item": "phone",
    "group": "basic",
    "audience": "parents",
    "door": "s",
    "key": "0" * 11,
    "receipt": "0" * 8,
    "size": "page",
    "number": 1,
}


def _ask(app: Flask, token: str | None, address: str, method: str, headers: dict[str, str] | None = None) -> int:
    for name in list(g):
        g.pop(name)
    db.session.rollback()
    client = app.test_client()
    if token:
        with client.session_transaction() as cookie:
            cookie[TOKEN_NAME] = token
    answer = client.open(address, method=method, headers=headers or {}, data={} if method == "POST" else None)
    db.session.rollback()
    return answer.status_code


def _is_placed(rule: Rule) -> bool:
    return not rule.rule.startswith(BY_TOKEN)


@pytest.mark.parametrize("name", ACTORS)
def test_routes_answer_each_role_by_the_map_and_each_object_by_its_place(
    app: Flask, make: Make, world: World, name: str
) -> None:
    role, home = ACTORS[name]
    place = world.places[home]
    make.let_in(role)
    user = world.families[home] if role == Role.PARENT else make.user(role, place)
    token = accounts.sign_in(user.login, PASSWORD)
    actor = accounts.actor_of(token)
    assert actor is not None
    wrong = []
    for rule, method in routes(app):
        action = action_of(app, rule.endpoint)
        if not _is_placed(rule) or rule.endpoint in LAST:
            continue
        for thing, values, path in _objects(rule, world):
            address = app.url_map.bind("127.0.0.1").build(rule.endpoint, values, method=method)
            status = _ask(app, token, address, method)
            fault = _fault(actor, action, path, status)
            if fault:
                wrong.append(f"{method} {rule.rule} with {thing}: {status}, {fault}")
    assert wrong == []


def _fault(actor: Actor, action: Action | None, path: str | None, status: int) -> str | None:
    """What is wrong with this answer, or None."""
    assert action is not None
    if status >= 500:
        return "a failure"
    if not may(actor, action):
        return None if status == 403 else "the role may not"
    if action in PUBLIC or path == "":
        return None
    outside = path is None or not path.startswith(actor.path)
    if outside and status not in (400, 404):
        return "an object outside the own place must not exist"
    return None


def test_nobody_gets_in_without_signing_in(app: Flask, world: World) -> None:
    wrong = []
    for rule, method in routes(app):
        if action_of(app, rule.endpoint) in PUBLIC:
            continue
        _thing, values, _path = next(_objects(rule, world))
        address = app.url_map.bind("127.0.0.1").build(rule.endpoint, values, method=method)
        status = _ask(app, None, address, method)
        if status not in (302, 303):
            wrong.append(f"{method} {rule.rule}: {status}")
        if _ask(app, None, address, method, {"HX-Request": "true"}) != 200:
            wrong.append(f"{method} {rule.rule} as htmx")
    assert wrong == []


@pytest.mark.parametrize("bad", ["1", "-1", "abc", "%00", "..", "9" * 40, "00000000-0000-0000-0000-00000000000g"])
def test_malformed_objects_do_not_exist(app: Flask, make: Make, world: World, bad: str) -> None:
    """sec-F6"""
    token = accounts.sign_in(make.user(Role.REGISTRAR, world.places["school"]).login, PASSWORD)
    for rule, method in routes(app):
        ids = [name for name in rule.arguments if name.endswith("_id")]
        if not ids:
            continue
        parts = {name: bad if name in ids else str(FILLERS[name]) for name in rule.arguments}
        address = re.sub(r"<(?:[^<>:]*:)?(\w+)>", lambda found, parts=parts: parts[found[1]], rule.rule)
        assert _ask(app, token, address, method) in (400, 404, 308, 405), address


def test_every_action_of_the_map_is_used_by_a_view(app: Flask) -> None:
    used = {action_of(app, endpoint) for endpoint in app.view_functions}
    assert set(Action) - used == set()


def test_every_address_is_kebab_case_with_typed_parts(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert all(":" in part for part in re.findall(r"<([^>]*_id)>", rule.rule)), (
            f"{rule.rule} has an id without a type"
        )
        words = re.sub(r"<[^>]*>", "", rule.rule)
        assert words == words.lower(), rule.rule
        assert "_" not in words, rule.rule

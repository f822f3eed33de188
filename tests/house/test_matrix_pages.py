"""The routes that move sheets and applications, asked for real: each by every role, and by the right role elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import func, select

from portal.models import Application, Step, User, db
from portal.models.people import Post
from portal.rules.roles import Actor, Role
from portal.services import accounts, refused
from portal.web.guard import TOKEN_NAME
from tests.house import matrix_applications, matrix_sheets
from tests.house.matrix_world import HOME, People, build_places
from tests.make import Make

Fields = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A route with what is posted to it about a thing in a state, and who gets through."""

    endpoint: str
    state: str
    who: tuple[tuple[str, str], ...]
    values: Callable[[Any], Fields]
    form: Callable[[Any], Fields]

    @property
    def name(self) -> str:
        return f"{self.endpoint} from {self.state}"


def of_sheet(case: matrix_sheets.Case) -> Fields:
    return {"sheet_id": case.sheet_id}


def nothing(_case: object) -> Fields:
    return {}


def chosen(case: matrix_sheets.Case) -> Fields:
    return {"sheet": f"{case.sheet_id}:{case.version}"}


def no(case: matrix_sheets.Case) -> Fields:
    return {"decision": "no", "opinion": "和户口簿对不上", "version": case.version}


T, R, L, OP = matrix_sheets.TEACHER, matrix_sheets.REGISTRAR, matrix_sheets.LEADER, matrix_sheets.OPERATOR
SHEETS = (
    Asked("staff.print_start", "EXPECTED", (R,), nothing, lambda c: {"what": "classes", "class": c.class_id}),
    Asked("staff.hand_out", "PRINTED", (R,), nothing, lambda c: {"class": c.class_id}),
    Asked("teachers.tick", "ISSUED", (T, R), of_sheet, lambda _c: {"returned": "yes"}),
    Asked(
        "staff.tick_returned",
        "ISSUED",
        (T, R),
        lambda c: {"class_id": c.class_id},
        lambda c: {"shown": c.sheet_id, "returned": c.sheet_id},
    ),
    Asked("teachers.assign", "ISSUED", (T, R), lambda c: {"photo_id": c.page_id}, lambda c: {"sheet_id": c.sheet_id}),
    Asked("teachers.tick", "RECEIVED", (T, R), of_sheet, lambda _c: {"returned": "no"}),
    Asked(
        "teachers.check", "RECEIVED", (T,), of_sheet, lambda c: {"version": c.version, "signed": "y", "changed": "no"}
    ),
    Asked("teachers.send_back", "RECEIVED", (T,), of_sheet, lambda c: {"version": c.version, "words": "请补签名"}),
    Asked("teachers.undo_check", "CHECKED", (T,), of_sheet, nothing),
    Asked("staff.queue_pass", "CHECKED", (L,), nothing, chosen),
    Asked("staff.queue_decide", "CHECKED", (L,), of_sheet, no),
    Asked("staff.entry_finish", "PASSED", (OP, R), of_sheet, nothing),
    Asked("staff.queue_decide", "ENTERED", (L,), of_sheet, no),
    Asked("staff.queue_verify", "ENTERED", (L,), nothing, chosen),
    Asked("staff.archive_classes", "VERIFIED", (R,), nothing, lambda c: {"class": c.class_id}),
)


def do(what: str) -> Callable[[tuple[Any, int]], Fields]:
    return lambda case: {"do": what, "version": case[1]}


def version(case: tuple[Any, int]) -> Fields:
    return {"version": case[1]}


def of_application(**more: str) -> Callable[[tuple[Any, int]], Fields]:
    return lambda case: {"application_id": case[0], **more}


def of_pupil(move: str) -> Callable[[tuple[Any, int]], Fields]:
    return lambda case: {"pupil_id": db.session.get_one(Application, case[0]).pupil_id, "move": move}


def says(decision: str) -> Callable[[tuple[Any, int]], Fields]:
    return lambda case: {"decision": decision, "opinion": "与户口簿不符", "version": case[1]}


CHANGE, PROOF, DELETION = "change of key data", "proof of identity", "deletion of an approved record"
OFFICERS = (("REGISTRAR", "county"), ("OPERATOR", "county"))
APPLICATIONS = (
    (CHANGE, Asked("staff.application_act", "DRAFTED", (R, OP), of_application(), do("send"))),
    (CHANGE, Asked("staff.application_act", "DRAFTED", (R, OP), of_application(), do("withdraw"))),
    (CHANGE, Asked("staff.application_act", "WITH_LEADER", (R, OP), of_application(), do("take-back"))),
    (CHANGE, Asked("staff.reviews_agree", "WITH_LEADER", (L,), nothing, lambda c: {"one": f"{c[0]}:{c[1]}"})),
    (CHANGE, Asked("staff.review_at_school", "WITH_LEADER", (L,), of_application(), says("yes"))),
    (CHANGE, Asked("staff.review_at_school", "WITH_LEADER", (L,), of_application(), says("no"))),
    (CHANGE, Asked("staff.review_at_authority", "WITH_AUTHORITY", OFFICERS, of_application(), says("yes"))),
    (CHANGE, Asked("staff.review_at_authority", "WITH_AUTHORITY", OFFICERS, of_application(), says("no"))),
    (PROOF, Asked("staff.identity_move", "DRAFTED", (R, OP), of_pupil("send"), version)),
    (PROOF, Asked("staff.identity_move", "WITH_LEADER", (R, OP), of_pupil("take-back"), version)),
    (PROOF, Asked("staff.review_at_school", "WITH_LEADER", (L,), of_application(), says("yes"))),
    (DELETION, Asked("staff.deletion_move", "DRAFTED", (R,), of_application(move="send"), version)),
    (DELETION, Asked("staff.deletion_move", "DRAFTED", (R,), of_application(move="withdraw"), version)),
    (DELETION, Asked("staff.deletion_move", "WITH_LEADER", (R,), of_application(move="take-back"), version)),
    (DELETION, Asked("staff.deletion_move", "REFUSED_BY_AUTHORITY", (R,), of_application(move="clear"), version)),
    (DELETION, Asked("staff.review_at_authority", "WITH_AUTHORITY", OFFICERS, of_application(), says("yes"))),
)
#: where else somebody of a listed role sits
ELSEWHERE = (
    "next class",
    "school of the same county",
    "school of the other province",
    "county",
    "next county",
    "province",
)
IN_CLASS = (Role.TEACHER, Role.PARENT)


class Door:
    """Asks routes as somebody, and sees what they did."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._tokens: dict[Any, str] = {}

    def ask(self, actor: Actor, asked: Asked, case: Any) -> tuple[int, int]:
        """(status, steps that the actor has made by it)"""
        token = self._token(actor)
        before = self._steps(actor)
        values, form = asked.values(case), asked.form(case)
        address = self.app.url_map.bind("127.0.0.1").build(asked.endpoint, values, method="POST")
        for name in list(g):
            g.pop(name)
        db.session.rollback()
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie[TOKEN_NAME] = token
        status = client.post(address, data=form).status_code
        db.session.rollback()
        return status, self._steps(actor) - before

    def _token(self, actor: Actor) -> str:
        if actor.user_id not in self._tokens:
            where = (Post.user_id == actor.user_id, Post.role == actor.role, Post.place_id == actor.place_id)
            post = db.session.scalars(select(Post).where(*where)).one()
            self._tokens[actor.user_id] = accounts.begin(db.session.get_one(User, actor.user_id), post)
        return self._tokens[actor.user_id]

    def _steps(self, actor: Actor) -> int:
        mine = (Step.by_id == actor.user_id, Step.move != refused.MOVE)  # what was refused is written down, too
        return db.session.scalar(select(func.count()).where(*mine)) or 0


def askers(
    everybody: dict[tuple[Role, str], Actor], who: tuple[tuple[str, str], ...]
) -> Iterator[tuple[str, str, Actor]]:
    """Every other role at the own school or authority, then those who may where they have nothing to say, last those
    who get through."""
    authority = who[0][1] if who[0][1] == "county" else HOME
    for (role, place), actor in everybody.items():
        own = ("class", f"class of {HOME}") if role in IN_CLASS else (HOME, authority)
        if (role.value, place) not in who and place in (ELSEWHERE if role.value in dict(who) else own):
            yield role.value, place, actor
    for (role, place), actor in everybody.items():
        if (role.value, place) in who:
            yield role.value, place, actor


def fault(asked: Asked, role: str, place: str, status: int, steps: int) -> str | None:
    """What is wrong with an answer, or None."""
    if (role, place) in asked.who:
        right = status in (200, 303) and steps > 0
    elif role in dict(asked.who):
        right = status in (400, 403, 404, 409) and not steps
    else:
        right = status == 403 and not steps
    return None if right else f"{asked.name} by {role} at {place}: {status}, {steps} steps"


@pytest.fixture
def people(app: Flask, make: Make) -> People:
    return People(build_places(make))


def test_sheets_are_moved_by_exactly_those_who_may(app: Flask, make: Make, people: People) -> None:
    cases, door, wrong = matrix_sheets.Cases(make, people), Door(app), []
    for asked in SHEETS:
        case = cases.of[asked.state]
        for role, place, actor in list(askers(cases.everybody(asked.state), asked.who)):
            if (role, place) in asked.who:  # the one before has moved it
                case = cases.add(asked.state)
                actor = cases.everybody(asked.state)[(Role(role), place)]
            told = fault(asked, role, place, *door.ask(actor, asked, case))
            wrong += [told] if told else []
        cases.add(asked.state)
    assert not wrong, "\n".join(wrong)


def test_applications_are_moved_by_exactly_those_who_may(app: Flask, make: Make, people: People) -> None:
    cases, door, wrong = matrix_applications.Cases(make, people), Door(app), []
    for variant, asked in APPLICATIONS:
        case = cases.add(variant, asked.state)
        for role, place, actor in askers(people.everybody, asked.who):
            if (role, place) in asked.who:
                case = cases.add(variant, asked.state)
            told = fault(asked, role, place, *door.ask(actor, asked, case))
            wrong += [f"{variant}: {told}"] if told else []
    assert not wrong, "\n".join(wrong)

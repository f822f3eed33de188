"""Applications of every kind in every state, and the one table of what may happen to them.

The table is written from domain 2.2, H1-H5, I5, I6, M1 and rules R88, R104, R105, R111-R113; nothing of it comes from
the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from uuid import UUID

from portal.models import Application, Decision, Evidence, Step, Switch, db
from portal.rules.access import Action, may
from portal.rules.applications import ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.clock import today
from portal.rules.roles import Actor, Role
from portal.rules.workflow import NotAllowedNow
from portal.services import applications, movements, reviewing
from portal.services.movements import Movement
from portal.services.refusals import Refusal
from tests.house.matrix_world import HOME, People, no_trace
from tests.make import Make

STATES = (
    "DRAFTED",
    "WITH_LEADER",
    "WITH_AUTHORITY",
    "GRANTED",
    "REFUSED_BY_LEADER",
    "REFUSED_BY_AUTHORITY",
    "WITHDRAWN",
    "CLEARED",
)
MOVES = ("SEND", "TAKE_BACK", "WITHDRAW", "PASS", "GRANT", "REFUSE", "CLEAR")
BY_THE_SCHOOL = ("SEND", "TAKE_BACK", "WITHDRAW", "CLEAR")


@dataclass(frozen=True)
class Variant:
    """One way an application can go: of which school, where it ends, who may apply, and whether it must be cleared."""

    kind: str
    school: str
    authority: str | None  # None: the leader decides last (I6, R111)
    applicants: tuple[str, ...] = ("REGISTRAR", "OPERATOR")
    is_draft: bool = False


VARIANTS = {
    "change of key data": Variant("change", HOME, "county"),
    "change at a school run by the prefecture": Variant("change", "school run by the prefecture", "prefecture"),
    "change at a school run by the province": Variant("change", "school run by the province", "province"),
    "proof of identity": Variant("identity", HOME, None),
    "deletion of an approved record": Variant("deletion", HOME, "county", ("REGISTRAR",)),
    "deletion of a record not yet approved": Variant("deletion", HOME, None, ("REGISTRAR",), is_draft=True),
}


def listed(one: Variant) -> dict[tuple[str, str], tuple[str, tuple[str, ...], str]]:
    """(state, move) -> (state after, roles, place) of everything that may happen; whatever is not here, may not."""
    at_end = (HOME, ("LEADER",)) if one.authority is None else (one.authority, ("REGISTRAR", "OPERATOR"))
    school, last, officers = one.school, at_end[0], at_end[1]
    table = {
        ("DRAFTED", "SEND"): ("WITH_LEADER", one.applicants, school),
        ("DRAFTED", "WITHDRAW"): ("WITHDRAWN", one.applicants, school),
        ("WITH_LEADER", "TAKE_BACK"): ("DRAFTED", one.applicants, school),
        ("WITH_LEADER", "REFUSE"): ("REFUSED_BY_LEADER", ("LEADER",), school),
        ("WITH_LEADER", "PASS"): ("WITH_AUTHORITY" if one.authority else "GRANTED", ("LEADER",), school),
    }
    if one.authority:
        table[("WITH_AUTHORITY", "GRANT")] = ("GRANTED", officers, last)
        table[("WITH_AUTHORITY", "REFUSE")] = ("REFUSED_BY_AUTHORITY", officers, last)
    if one.kind == "deletion":  # the entry of a refusal is removed by the school (M1, R113)
        for state in ("REFUSED_BY_LEADER", "REFUSED_BY_AUTHORITY"):
            table[(state, "CLEAR")] = ("CLEARED", one.applicants, school)
    return table


def expected(one: Variant, state: str, move: str, role: Role, place: str) -> str | None:
    """The state that follows when this person makes the move, or None when nothing may happen."""
    target, roles, where = listed(one).get((state, move), (None, (), ""))
    return target if role.value in roles and place == where else None


def every_case() -> Iterator[tuple[str, str, str]]:
    """(variant, state, move), the whole product."""
    return product(VARIANTS, STATES, MOVES)


class Cases:
    """One application a variant and state, made when it is asked for: drafted by a registrar, typed over and sent by
    operators, with a file by a clerk."""

    def __init__(self, make: Make, people: People) -> None:
        self.make, self.people = make, people
        for place in ("province", "other province"):
            make.window(people.places[place], Switch.ENTRY)
        schools = {one.school for one in VARIANTS.values()}
        self.maker = {school: people.hire(Role.REGISTRAR, school) for school in schools}
        self.sender = {school: people.hire(Role.OPERATOR, school) for school in schools}
        self.typist = {school: people.hire(Role.OPERATOR, school) for school in schools}
        self.clerk = {school: people.hire(Role.OPERATOR, school) for school in schools}
        self.passer = {school: people.hire(Role.LEADER, school) for school in schools}
        db.session.commit()
        self._made: dict[tuple[str, str], tuple[UUID, int]] = {}

    def of(self, name: str, state: str) -> tuple[UUID, int]:
        """The application of this variant in a state, and its version."""
        if (name, state) not in self._made:
            self._made[(name, state)] = self.add(name, state)
        return self._made[(name, state)]

    def add(self, name: str, state: str) -> tuple[UUID, int]:
        """One more such application, as if it had come there by itself."""
        one = VARIANTS[name]
        pupil = self.make.pupil(self.people.places[f"class of {one.school}"])
        if one.kind == "identity":
            pupil.record = pupil.record | {"id_doc_type": "Z", "id_number": ""}
        if one.kind == "deletion":
            pupil.record = pupil.record | {"student_number": "L" + pupil.record["student_number"][1:]}
            pupil.is_draft = one.is_draft
        db.session.commit()
        values = {"name": "林拭"} if one.kind == "change" else {}
        found = applications.make(self.maker[one.school], pupil.id, ApplicationKind(one.kind), values, "名册里登记错了")
        file = {"item": "name", "kind": {"change": "HUKOU_SCAN", "identity": "NO_ID_CERT"}.get(one.kind, "OTHER")}
        place = {"school_id": found.school_id, "path": found.path, "address": "-" * 40, "size": 1}
        db.session.add(Evidence(application_id=found.id, by_id=self.clerk[one.school].user_id, **file, **place))
        where = {"place_id": found.school_id, "path": found.path, "thing": "application", "thing_id": found.id}
        db.session.add(Step(by_id=self.typist[one.school].user_id, role="OPERATOR", move="REDRAFT", **where))
        found.state = ApplicationState(state)
        if state != "DRAFTED":
            found.sent_by_id = self.sender[one.school].user_id
        if state in ("WITH_AUTHORITY", "REFUSED_BY_AUTHORITY"):
            found.leader_id = self.passer[one.school].user_id
        db.session.commit()
        return found.id, found.version


#: the actions that the routes of the moves name (web/guard.py asks them before anything else)
ASKED = {move: (Action.APPLY, Action.APPLY_DELETION) for move in BY_THE_SCHOOL}
REVIEWS = (Action.REVIEW_AT_SCHOOL, Action.REVIEW_AT_AUTHORITY)


def attempt(actor: Actor, application_id: UUID, version: int, move: str) -> str | None:
    """Make a move for once, through the map of actions and the service, and let a decision take effect; the state
    that followed, or None when nothing happened. Leaves no trace."""
    if not any(may(actor, action) for action in ASKED.get(move, REVIEWS)):
        return None
    with no_trace():
        try:
            lapsed = _do(actor, application_id, version, ApplicationMove(move))
        except (Refusal, NotAllowedNow):
            return None
        # what may not happen is refused at once, not ten minutes later
        return (
            f"a decision that lapses: {lapsed}"
            if lapsed
            else str(db.session.get_one(Application, application_id).state)
        )


def _do(actor: Actor, application_id: UUID, version: int, move: ApplicationMove) -> str | None:
    """Make the move; of a decision, why it lapsed when it was to take effect."""
    if move.value in BY_THE_SCHOOL:
        services = {
            ApplicationMove.SEND: applications.send,
            ApplicationMove.TAKE_BACK: applications.take_back,
            ApplicationMove.WITHDRAW: applications.withdraw,
            ApplicationMove.CLEAR: applications.clear,
        }
        services[move](actor, application_id, version)
        return None
    reviewing.decide(actor, {application_id: version}, move, "与户口簿不符")
    decision = db.session.query(Decision).filter_by(thing_id=application_id).one()
    assert reviewing.take_effect(decision.id, application_id)
    return decision.lapsed


OPEN = ("DRAFTED", "WITH_LEADER", "WITH_AUTHORITY")
#: transferred to another school (status_change_type)
LEAVES = "21"
#: what else may be begun for the pupil of an application
BUSINESS = ("change", "identity", "deletion", "leaving")


def is_free(one: Variant, state: str, business: str) -> bool:
    """H7: no second application and no leaving while one is open; R113: nothing at all beside a deletion that is open
    or stands refused. A proof of identity holds up only another one (I), and is held up by a deletion only."""
    if one.kind == "identity":
        if business == "deletion":
            return False  # the record of these cases has a formal number, which is no mistaken entry (R112)
        return not (business == "identity" and state in OPEN)
    stands = state in OPEN or (one.kind == "deletion" and state.startswith("REFUSED"))
    if one.kind == "change":
        if business == "deletion":
            return False  # R112 again
        return not stands or business == "identity"
    if one.is_draft and business == "leaving":
        return False  # a row that was never taken over is no pupil yet
    return not stands


def starts(actor: Actor, pupil_id: UUID, business: str) -> bool:
    """True when the business can be begun now. Leaves no trace."""
    values = {"name": "林样"} if business == "change" else {}
    with no_trace():
        try:
            if business == "leaving":
                movements.record_movement(actor, pupil_id, Movement(LEAVES, today()))
            else:
                applications.make(actor, pupil_id, ApplicationKind(business), values, "名册里登记错了")
        except Refusal:
            return False
    return True


def makes_again(actor: Actor, application_id: UUID) -> bool:
    """True when this person can make a refused application anew, linked to the old one. Leaves no trace."""
    if not may(actor, Action.APPLY):
        return False
    with no_trace():
        try:
            return applications.again(actor, application_id).previous_id == application_id
        except Refusal:
            return False

"""What waits for a reviewer: own place and side, since when, overdue; decided just now, fallen back, ended, by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from portal.models import Application, Decision, Evidence, Place, Pupil, Step, User, db, keyring
from portal.rules.applications import REFUSED, ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.clock import day_start, local, now, today
from portal.rules.codes import printed
from portal.rules.masks import mask_id, mask_name
from portal.rules.normalise import normalise
from portal.rules.roles import Actor, Level
from portal.rules.undoing import can_undo, minutes_left
from portal.rules.waiting import overdue_before, waited
from portal.rules.words import N_
from portal.services import application_cases, lists, reviewing
from portal.services.application_cases import CaseLine
from portal.services.refusals import NotYours, Refusal

#: so many are listed at once; the others follow when these are decided
LISTED = 100
_ENDED = (ApplicationState.GRANTED, *sorted(REFUSED))


@dataclass(frozen=True)
class Row:
    """One application of a list. `days`: working days it has waited where it is; `own`: the reader had a hand in it;
    `lapsed`: why the last decision did not hold."""

    application_id: UUID
    version: int
    kind: ApplicationKind
    state: ApplicationState
    about: str
    name: str
    class_name: str
    school: str
    lines: tuple[CaseLine, ...]
    days: int
    is_overdue: bool
    since: datetime
    own: bool
    lapsed: str = ""

    @property
    def veiled(self) -> bool:
        """Its line does not say what differs: it is opened and decided by itself."""
        return any(line.veiled for line in self.lines)


@dataclass(frozen=True)
class Decided:
    """One decision that waits to take effect. `minutes`: until then; `can_undo`: by this reader."""

    row: Row
    what: ApplicationMove
    reason: str
    who: str
    minutes: int
    mine: bool
    can_undo: bool


@dataclass(frozen=True)
class Counts:
    """How many wait, of these overdue and with the reader's own hand in them, and how many decisions can be undone."""

    waiting: int
    overdue: int
    decided: int


def require_reviewer(actor: Actor) -> None:
    """Raise `NotYours` for a registrar of a school whom the province does not let review (X7)."""
    if actor.level == Level.SCHOOL and not reviewing.may_review_at_school(actor):
        raise NotYours(N_("学校这一步由校领导核办。省里可以设定让学籍管理员也核办。"))


def _mine(actor: Actor) -> ColumnElement[bool]:
    """What waits for the side and place of the actor."""
    if actor.level == Level.SCHOOL:
        return and_(Application.school_id == actor.place_id, Application.state == ApplicationState.WITH_LEADER)
    return and_(Application.authority_id == actor.place_id, Application.state == ApplicationState.WITH_AUTHORITY)


def _free() -> ColumnElement[bool]:
    """No decision waits on it."""
    waits = (Decision.thing_id == Application.id, Decision.done_at.is_(None), Decision.undone_at.is_(None))
    return ~select(Decision.id).where(*waits).exists()


def waiting_count(actor: Actor) -> int:
    """How many wait for the actor's side and place."""
    query = select(func.count()).select_from(Application).where(_mine(actor), _free())
    return db.session.scalar(query) or 0


def counts(actor: Actor) -> Counts:
    """The numbers on the tiles."""
    old = func.count().filter(Application.since < overdue_before(today()))
    waiting, overdue = db.session.execute(select(func.count(), old).where(_mine(actor), _free())).one()
    return Counts(waiting, overdue, len(_pending(actor)))


def waiting(actor: Actor, only_overdue: bool = False, lang: str = "zh") -> list[Row]:
    """What waits for the actor, the longest first, what passed through own hands last; at most `LISTED`."""
    query = select(Application).where(_mine(actor), _free())
    if only_overdue:
        query = query.where(Application.since < overdue_before(today()))
    found = _with_pupils(query.order_by(Application.since, Application.id).limit(LISTED))
    why = {one.thing_id: one.lapsed or "" for one in _lapsed([one.id for one in found])}
    rows = _rows(actor, found, lang, why)
    return sorted(rows, key=lambda row: row.own)


def lapsed(actor: Actor, lang: str = "zh") -> list[Row]:
    """Applications that are back in the queue because the decision on them did not hold, with the reason."""
    return [row for row in waiting(actor, lang=lang) if row.lapsed]


def _lapsed(ids: Collection[UUID]) -> list[Decision]:
    """The newest decision of each application, where that one lapsed."""
    query = select(Decision).where(Decision.thing_id.in_(ids)).order_by(Decision.at.desc(), Decision.id)
    newest: dict[UUID, Decision] = {}
    for one in db.session.scalars(query):
        newest.setdefault(one.thing_id, one)
    return [one for one in newest.values() if one.lapsed and one.undone_at is None]


def _with_pupils(query: object) -> list[Application]:
    options = joinedload(Application.pupil).joinedload(Pupil.class_), joinedload(Application.school)
    return list(db.session.scalars(query.options(*options)).unique())  # type: ignore[attr-defined]


def _rows(actor: Actor, found: Iterable[Application], lang: str, why: dict[UUID, str] | None = None) -> list[Row]:
    found, day = list(found), today()
    touched = _touched(actor, found)
    return [_row(one, day, one.id in touched, lang, (why or {}).get(one.id, "")) for one in found]


def _row(one: Application, day: date, own: bool, lang: str, lapsed: str) -> Row:
    waits = one.state in (ApplicationState.WITH_LEADER, ApplicationState.WITH_AUTHORITY)
    return Row(
        application_id=one.id,
        version=one.version,
        kind=ApplicationKind(one.kind),
        state=ApplicationState(one.state),
        about=_about(one, lang),
        name=mask_name(one.pupil.record["name"]),
        class_name=one.pupil.class_.name,
        school=one.school.name,
        lines=tuple(application_cases.lines_of(one, lang, False, {})),
        days=waited(one.since, day),
        is_overdue=waits and one.since < overdue_before(day),
        since=one.since,
        own=own,
        lapsed=lapsed,
    )


def _about(one: Application, lang: str) -> str:
    """What an application without items is about: the registered document, or the masked student number."""
    record = one.pupil.record
    if one.kind == ApplicationKind.IDENTITY:
        return printed("id_doc_type", record.get("id_doc_type", ""), lang)
    return mask_id(record.get("student_number", "")) if one.kind == ApplicationKind.DELETION else ""


def _touched(actor: Actor, found: Collection[Application]) -> set[UUID]:
    """Those among the applications in which the actor had a hand (R88)."""
    ids = [one.id for one in found]
    files = select(Evidence.application_id).where(
        Evidence.application_id.in_(ids), Evidence.by_id == actor.user_id, Evidence.removed_at.is_(None)
    )
    typed = select(Step.thing_id).where(Step.thing_id.in_(ids), Step.move == "REDRAFT", Step.by_id == actor.user_id)
    people = {one.id: (one.made_by_id, one.sent_by_id, one.leader_id) for one in found}
    own = {thing for thing, hands in people.items() if actor.user_id in hands}
    return own | {thing for thing in db.session.scalars(files.union(typed)) if thing is not None}


def _pending(actor: Actor) -> list[tuple[Decision, Application]]:
    query = select(Decision, Application).join(Application, Application.id == Decision.thing_id)
    query = query.where(_mine(actor), Decision.done_at.is_(None), Decision.undone_at.is_(None))
    found = db.session.execute(query.order_by(Decision.at.desc(), Decision.id))
    return [(decision, application) for decision, application in found]


def decided(actor: Actor, lang: str = "zh") -> list[Decided]:
    """Decisions of the actor's side and place that have not taken effect yet, the newest first."""
    pairs, moment = _pending(actor), now()
    rows = {row.application_id: row for row in _rows(actor, [found for _, found in pairs], lang)}
    people = select(User).where(User.id.in_({decision.by_id for decision, _ in pairs}))
    names = {user.id: user.name or "" for user in db.session.scalars(people)}
    return [
        Decided(
            rows[found.id],
            ApplicationMove(decision.move),
            decision.reason or "",
            names.get(decision.by_id, ""),
            minutes_left(decision.due_at, moment),
            decision.by_id == actor.user_id,
            decision.by_id == actor.user_id and can_undo(decision.due_at, moment),
        )
        for decision, found in pairs
    ]


def last_decided(actor: Actor, lang: str = "zh") -> list[Decided]:
    """What this person decided last and together, while it can be undone."""
    own = [decision for decision, _ in _pending(actor) if decision.by_id == actor.user_id]
    together = {one.thing_id for one in own if one.at == own[0].at}
    return [one for one in decided(actor, lang) if one.can_undo and one.row.application_id in together]


def ended(actor: Actor, month: date, lang: str = "zh") -> list[Row]:
    """What was decided in the month of a day (Shanghai) and had been with the actor's side, the newest first."""
    first = month.replace(day=1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    within = (Application.decided_at >= day_start(first), Application.decided_at < day_start(after))
    query = select(Application).where(_seen_by(actor), Application.state.in_(_ENDED), *within)
    return _rows(actor, _with_pupils(query.order_by(Application.decided_at.desc()).limit(2 * LISTED)), lang)


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    """What came to the actor's place: of the school itself, or passed on to the authority."""
    if actor.level == Level.SCHOOL:
        return and_(Application.school_id == actor.place_id, Application.state != ApplicationState.DRAFTED)
    came = (ApplicationState.WITH_AUTHORITY, ApplicationState.GRANTED, ApplicationState.REFUSED_BY_AUTHORITY)
    return and_(Application.authority_id == actor.place_id, Application.state.in_(came))


def search(actor: Actor, text: str, lang: str = "zh") -> list[Row]:
    """Applications that came to the actor's place, of a pupil with exactly this name or of a school with this code or
    a part of this name; the newest first."""
    index = keyring().blind("pupil.name", normalise("name", text))
    like = text.replace("\\", "").replace("%", "").replace("_", "")
    named = Place.name.contains(like) if len(like) > 1 else Place.code == text
    schools = select(Place.id).where(
        Place.level == Level.SCHOOL, lists.inside(Place.path, actor), or_(Place.code == text, named)
    )
    query = select(Application).join(Pupil, Pupil.id == Application.pupil_id).where(_seen_by(actor))
    query = query.where(or_(Pupil.name_index == index, Application.school_id.in_(schools)))
    return _rows(actor, _with_pupils(query.order_by(Application.since.desc()).limit(LISTED)), lang)


def require_told(actor: Actor, ids: Collection[UUID]) -> None:
    """Raise `Refusal` when the list does not say exactly what would be agreed to for one of these (H4)."""
    query = select(Application).where(Application.id.in_(ids), lists.inside(Application.path, actor))
    if any(row.veiled for row in _rows(actor, _with_pupils(query), "zh")):
        raise Refusal(N_("里面有号码或者姓名遮住的申请，要一件一件点开看。"))


def following(actor: Actor, application_id: UUID) -> UUID | None:
    """The application to look at after this one: the next of the list, from its beginning again."""
    ids = [row.application_id for row in waiting(actor) if not row.own]
    here = ids.index(application_id) if application_id in ids else -1
    rest = ids[here + 1 :] + ids[: max(here, 0)]
    return rest[0] if rest else None


def names_of(actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    """Application -> the masked name of its pupil, inside the actor's place."""
    query = select(Application).where(Application.id.in_(ids), lists.inside(Application.path, actor))
    return {one.id: mask_name(one.pupil.record["name"]) for one in db.session.scalars(query)}


def month_of(text: str) -> date:
    """The first day of a month written 2026-11; the present month for anything else, also for years nobody means:
    before the first and after the last month of the calendar there is none."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        month = date.min
    return month if 2000 <= month.year < 3000 else local(now()).date().replace(day=1)

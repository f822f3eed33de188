"""What a claimed account may reach: its own children, found through its guardianships and nothing else (R129)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.models import Consent, Guardianship, Place, Pupil, Sheet, Step, User, db
from portal.rules.clock import now
from portal.rules.masks import mask_name
from portal.rules.roles import Actor
from portal.services import figures
from portal.services.doors import Opened
from portal.services.history import record
from portal.services.refusals import NotFound

LIVE = ("active", "waiting")


@dataclass(frozen=True)
class Child:
    """A child of an account as every list shows it; `state` is active, waiting or refused, the latter with its reason.
    `others` are the states of the other live guardians of the same child."""

    child_id: UUID
    name: str
    school: str
    class_name: str
    state: str
    reason: str | None = None
    others: tuple[str, ...] = ()


def own(actor: Actor, child_id: UUID, lock: bool = False) -> Guardianship:
    """An active guardianship of this account; raises `NotFound` for every other id."""
    query = select(Guardianship).where(Guardianship.id == child_id, Guardianship.user_id == actor.user_id)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None or found.state != "active" or found.pupil.left_at is not None:
        raise NotFound
    return found


def sheet_of(actor: Actor, child_id: UUID, lock: bool = False) -> Sheet:
    """The sheet of an own child in the present round; raises `NotFound` when there is none."""
    sheet = sheet_now(own(actor, child_id).pupil, lock)
    if sheet is None:
        raise NotFound
    return sheet


def child_behind(actor: Actor, opened: Opened) -> UUID | None:
    """The own active guardianship of the child whose paper is open, if there is one."""
    pupil_id = db.session.get_one(Sheet, opened.sheet_id).pupil_id
    query = select(Guardianship.id).where(Guardianship.pupil_id == pupil_id, Guardianship.user_id == actor.user_id)
    return db.session.scalar(query.where(Guardianship.state == "active"))


def sheet_now(pupil: Pupil, lock: bool = False) -> Sheet | None:
    """The sheet of a pupil in the present round of the province."""
    found = figures.current_round(pupil.path)
    if found is None:
        return None
    query = select(Sheet).where(Sheet.round_id == found.id, Sheet.pupil_id == pupil.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def children(actor: Actor) -> list[Child]:
    """The children of an account in the order in which they were added; a refused one stays in sight."""
    query = select(Guardianship).where(Guardianship.user_id == actor.user_id).order_by(Guardianship.made_at)
    newest = {one.pupil_id: one for one in db.session.scalars(query) if one.pupil.left_at is None}
    return [child_of(one) for one in newest.values() if one.state != "ended"]


def child_of(one: Guardianship) -> Child:
    """A guardianship in the words of its list."""
    class_ = db.session.get_one(Place, one.pupil.class_id)
    return Child(
        child_id=one.id,
        name=mask_name(one.pupil.record["name"]),
        school=db.session.get_one(Place, one.pupil.school_id).name,
        class_name=class_.name,
        state=one.state,
        reason=_refusal(one) if one.state == "refused" else None,
        others=tuple(other.state for other in live_of(one.pupil_id) if other.id != one.id),
    )


def _refusal(one: Guardianship) -> str | None:
    query = select(Step).where(Step.thing_id == one.id, Step.move == "REFUSE_GUARDIAN").order_by(Step.at.desc())
    step = db.session.scalar(query.limit(1))
    return step.reason if step else None


def live_of(pupil_id: UUID) -> list[Guardianship]:
    """The active and waiting guardianships of a pupil, oldest first."""
    query = select(Guardianship).where(Guardianship.pupil_id == pupil_id, Guardianship.state.in_(LIVE))
    return list(db.session.scalars(query.order_by(Guardianship.made_at)))


def leaving(actor: Actor, child_id: UUID) -> Child:
    """The own child, active or waiting, that is about to be left; raises `NotFound`."""
    return child_of(_live(actor, child_id))


def _live(actor: Actor, child_id: UUID, lock: bool = False) -> Guardianship:
    query = select(Guardianship).where(Guardianship.id == child_id, Guardianship.user_id == actor.user_id)
    one = db.session.scalar(query.with_for_update() if lock else query)
    if one is None or one.state not in LIVE:
        raise NotFound
    return one


def leave(actor: Actor, child_id: UUID) -> bool:
    """Withdraw the consent and end the own guardianship, active or waiting; what the school has received stays.

    With the last child the account ends and its telephone number goes. Returns whether the account lives on. Commits.
    """
    one = _live(actor, child_id, lock=True)
    end(actor, one, "LEAVE_CHILD")
    goes_on = any(other.state in LIVE for other in _of_user(one.user_id))
    if not goes_on:
        _close(one.user)
    db.session.commit()
    return goes_on


def _of_user(user_id: UUID) -> list[Guardianship]:
    return list(db.session.scalars(select(Guardianship).where(Guardianship.user_id == user_id)))


def end(actor: Actor, one: Guardianship, move: str, reason: str | None = None) -> None:
    """End a guardianship with its consent; a child with no claimed guardian left is not registered any more.
    The caller commits."""
    moment, before = now(), one.state
    one.state, one.decided_at, one.decided_by_id = "ended", moment, actor.user_id
    end_consent(one)
    record(actor, one, move, one.school_id, path=one.pupil.path, states=(before, "ended"), reason=reason)
    db.session.flush()
    sheet = sheet_now(one.pupil, lock=True)
    if sheet is not None and not any(other.state == "active" for other in live_of(one.pupil_id)):
        sheet.registered = False


def end_consent(one: Guardianship) -> None:
    """A guardian who does not speak for the pupil any more has no consent that stands. The caller commits."""
    query = select(Consent).where(Consent.user_id == one.user_id, Consent.pupil_id == one.pupil_id)
    for consent in db.session.scalars(query.where(Consent.withdrawn_at.is_(None))):
        consent.withdrawn_at = now()


def _close(user: User) -> None:
    """End an account nobody needs: its number goes, so that it can be claimed with again."""
    user.ended_at, user.phone, user.login = now(), None, f"ended-{user.id.hex}"
    user.epoch += 1

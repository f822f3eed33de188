"""What a decision on an application does once it holds: the record, the sheet's items, the opinion (H5, H6)."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from portal.models import Application, Change, Pupil, db
from portal.rules.applications import ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.clock import now
from portal.rules.identity_proofs import needs_proof
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import application_checks, applications, deletions, pupils
from portal.services.refusals import TooLate


def carry_out(actor: Actor, found: Application, what: ApplicationMove, opinion: str | None) -> None:
    """Let a decision take effect. Raises `TooLate` when the record has changed since the application was sent. The
    caller has locked the application, has asked whether the actor may, and commits."""
    with_leader = found.state == ApplicationState.WITH_LEADER
    applications.move(actor, found, what, opinion)
    found.opinion = (found.opinion or {}) | {"leader" if with_leader else "authority": opinion or ""}
    if with_leader:
        found.leader_id = actor.user_id
    else:
        found.officer_id = actor.user_id
    if found.state == ApplicationState.GRANTED:
        _EFFECTS[ApplicationKind(found.kind)](actor, found)


def _change_record(actor: Actor, found: Application) -> None:
    """The new values replace the old ones; the national student number stays (H6, R20)."""
    # locked before anything looks at it: what an operator saves meanwhile is neither lost nor in the way
    pupil = db.session.scalars(select(Pupil).where(Pupil.id == found.pupil_id).with_for_update()).one()
    application_checks.require_sound(found)
    known, wanted = pupil.record, found.values
    if any(known.get(item, "") != both["old"] for item, both in wanted.items()):
        raise TooLate(N_("学籍里的这一项后来改过了，请学校看一眼，重新申请。"))
    new = {item: both["new"] for item, both in wanted.items()}
    pupils.keep_record(pupil, known | new)
    if not needs_proof(pupil.record):  # a number that became known (I1, H9)
        applications.end_proof(actor, pupil.id)
    for change in db.session.scalars(select(Change).where(Change.application_id == found.id)):
        change.values = change.values | {"entered": new.get(change.item, change.values["entered"])}
        change.outcome, change.entered_by_id, change.entered_at = "accepted", actor.user_id, now()


def _nothing(actor: Actor, found: Application) -> None:
    """A proof of identity that is in order changes no record (I5)."""


def _take_out(actor: Actor, found: Application) -> None:
    """A record that was made by mistake is taken out, and stays with its history (M1)."""
    pupil = db.session.scalars(select(Pupil).where(Pupil.id == found.pupil_id).with_for_update()).one()
    deletions.take_out(actor, pupil)


_EFFECTS: dict[ApplicationKind, Callable[[Actor, Application], None]] = {
    ApplicationKind.CHANGE: _change_record,
    ApplicationKind.IDENTITY: _nothing,
    ApplicationKind.DELETION: _take_out,
}

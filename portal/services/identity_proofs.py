"""Pupils without a resident ID number, foreign, Hong Kong, Macau and Taiwan pupils: who they are and how far the proof
of each is (I1-I6). A proof is an application that ends with the school's leader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Application, Evidence, Place, Pupil, Round, db
from portal.rules import identity_proofs as rules
from portal.rules.applications import OPEN, REFUSED, ApplicationKind, ApplicationState
from portal.rules.checks_identity import RESIDENT_ID
from portal.rules.identity_proofs import ProofState
from portal.rules.masks import mask_id
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import applications, figures, lists
from portal.services.refusals import NotYours, Refusal, TooLate

HAS, NONE = "has", "none"
_PIECE = 400


@dataclass(frozen=True)
class Proof:
    """One pupil and the proof: `kinds` would do (codes of evidence_type), `files` are there; `refusal` is the reason
    of the last refusal while it stands."""

    pupil_id: UUID
    name: str
    seat: str
    class_id: UUID
    document: str
    number: str
    kinds: tuple[str, ...]
    lacks_guardian: bool
    state: ProofState
    files: int
    since: datetime | None
    refusal: str
    application_id: UUID | None

    @property
    def has_number(self) -> bool:
        return bool(self.number)

    @property
    def to_print(self) -> bool:
        """The certificate that there is no number is still to be made out."""
        todo = self.state in (ProofState.MISSING, ProofState.REFUSED)
        return todo and not self.number and "NO_ID_CERT" in self.kinds


@dataclass(frozen=True)
class Listing:
    """What the page shows: `by_class` after the filters, `counts` by state and `numbers` (has, none) before them."""

    by_class: list[tuple[Place, list[Proof]]]
    counts: Counter[ProofState]
    numbers: Counter[str]
    classes: list[Place]

    @property
    def total(self) -> int:
        return self.counts.total()


def require_school(actor: Actor) -> None:
    """Raise `NotYours` outside a school: there is no step at the authority (I6)."""
    if actor.level != Level.SCHOOL:
        raise NotYours(N_("这件事由学校办。"))


def list_of(
    actor: Actor, class_id: UUID | None = None, number: str | None = None, state: ProofState | None = None
) -> Listing:
    """Every pupil of the school, or of one class, who needs a proof, by class (I4). Raises `NotFound` for a class
    elsewhere."""
    require_school(actor)
    if class_id is not None:
        lists.find(actor, Place, class_id)
    classes = lists.classes_of(actor.place_id)
    everybody = proofs_of(_pupils(actor.place_id, class_id))
    shown = [one for one in everybody if state in (None, one.state) and number in (None, HAS if one.number else NONE)]
    by_class = [(place, [one for one in shown if one.class_id == place.id]) for place in classes]
    numbers = Counter(HAS if one.number else NONE for one in everybody)
    counts = Counter(one.state for one in everybody)
    return Listing([(place, rows) for place, rows in by_class if rows], counts, numbers, classes)


def _pupils(school_id: UUID, class_id: UUID | None) -> list[Pupil]:
    query = select(Pupil).where(Pupil.school_id == school_id, Pupil.left_at.is_(None), Pupil.is_draft.is_(False))
    if class_id is not None:
        query = query.where(Pupil.class_id == class_id)
    return list(db.session.scalars(query))


def proofs_of(pupils: Iterable[Pupil]) -> list[Proof]:
    """The proofs of those among these pupils of one school who need one, by the number within the class."""
    kept = [(pupil, record) for pupil in pupils if rules.needs_proof(record := pupil.record)]
    kept.sort(key=lambda pair: lists.seat_order(pair[1]))
    newest = _newest([pupil.id for pupil, _record in kept])
    found = figures.current_round(kept[0][0].path) if kept else None
    files = _files([one.id for several in newest.values() for one in several])
    return [_proof(pupil, record, newest.get(pupil.id, []), files, found) for pupil, record in kept]


def _newest(pupil_ids: list[UUID]) -> dict[UUID, list[Application]]:
    """Pupil -> the proofs that were not given up, the newest first."""
    found: dict[UUID, list[Application]] = {}
    for start in range(0, len(pupil_ids), _PIECE):
        mine = Application.pupil_id.in_(pupil_ids[start : start + _PIECE])
        query = select(Application).where(mine, Application.kind == ApplicationKind.IDENTITY)
        query = query.where(Application.state != ApplicationState.WITHDRAWN)
        for one in db.session.scalars(query.order_by(Application.made_at.desc(), Application.id)):
            found.setdefault(one.pupil_id, []).append(one)
    return found


def _files(ids: list[UUID]) -> dict[UUID, list[str]]:
    """Application -> the kinds of its files."""
    found: dict[UUID, list[str]] = {}
    for start in range(0, len(ids), _PIECE):
        mine = Evidence.application_id.in_(ids[start : start + _PIECE])
        query = select(Evidence.application_id, Evidence.kind).where(mine, Evidence.removed_at.is_(None))
        for application_id, kind in db.session.execute(query):
            if application_id is not None:
                found.setdefault(application_id, []).append(kind)
    return found


def _proof(
    pupil: Pupil, record: dict[str, str], several: list[Application], files: dict[UUID, list[str]], found: Round | None
) -> Proof:
    one = next((one for one in several if _counts(one, record, files.get(one.id, []), found)), None)
    kinds = files.get(one.id, []) if one else []
    state = rules.state_of(ApplicationState(one.state) if one else None)
    if state == ProofState.DRAFTED and not kinds:
        state = ProofState.MISSING
    return Proof(
        pupil_id=pupil.id,
        name=record.get("name", ""),
        seat=record.get("class_seat_number", ""),
        class_id=pupil.class_id,
        document=record.get("id_doc_type", ""),
        number=mask_id(record.get("id_number", "")),
        kinds=rules.proofs_for(record),
        lacks_guardian=rules.lacks_guardian_number(record),
        state=state,
        files=len(kinds),
        since=one.since if one else None,
        refusal=refusal_of(one) if one else "",
        application_id=one.id if one else None,
    )


def _counts(one: Application, record: dict[str, str], kinds: Collection[str], found: Round | None) -> bool:
    """Whether a proof speaks for the present round. A school's certificate is made out anew each round, a document of
    one's own stays good; what was approved for another document than is registered now is none."""
    if one.state in OPEN:
        return True
    if one.state == ApplicationState.GRANTED and not rules.is_proved(record, kinds):
        return False
    return found is None or one.round_id == found.id or rules.comes_from_outside(record)


def refusal_of(one: Application) -> str:
    """What the leader wrote when refusing; empty when nobody refused."""
    return (one.opinion or {}).get("leader", "") if one.state in REFUSED else ""


def to_print(actor: Actor, class_id: UUID) -> list[UUID]:
    """The pupils of a class for whom the certificate that there is no number is still to be made out."""
    listed = list_of(actor, class_id)
    return [one.pupil_id for _class, rows in listed.by_class for one in rows if one.to_print]


@dataclass(frozen=True)
class View:
    """The page of one pupil: the proof, its application if there is one, and the key-data change that is open."""

    proof: Proof
    class_: Place
    application: Application | None
    change: Application | None
    blocked: bool


def view_of(actor: Actor, pupil_id: UUID) -> View:
    """One pupil of the actor's school; raises `TooLate` for one who has a resident ID number."""
    require_school(actor)
    pupil = lists.find(actor, Pupil, pupil_id)
    found = proofs_of([pupil])
    if not found or pupil.left_at is not None or pupil.is_draft:
        raise TooLate(N_("这个学生有居民身份证号，不用交身份证明材料。"))
    own = db.session.get(Application, found[0].application_id) if found[0].application_id else None
    stopped = applications.blocking(pupil.id)
    change = stopped if stopped is not None and stopped.kind == ApplicationKind.CHANGE else None
    return View(found[0], pupil.class_, own, change, stopped is not None and change is None)


def draft_of(actor: Actor, pupil_id: UUID) -> Application:
    """The draft to which a file is added: the open one, else a new one, which after a refusal is linked to the old one
    and takes its files along (I5). Commits; raises `TooLate` when it is with the leader or approved."""
    view = view_of(actor, pupil_id)
    own = view.application
    if own is not None and own.state == ApplicationState.DRAFTED:
        return own
    if own is not None and own.state == ApplicationState.WITH_LEADER:
        raise TooLate(N_("申请已经送出，要改请先拿回来。"))
    if own is not None and own.state == ApplicationState.GRANTED:
        raise TooLate(N_("材料已经通过了，不用再交。"))
    if own is not None and own.state in REFUSED:
        return applications.again(actor, own.id)
    return applications.make(actor, pupil_id, ApplicationKind.IDENTITY, {})


def number_known(actor: Actor, pupil_id: UUID, number: str) -> Application:
    """Draft the key-data change with which a pupil gets the resident ID number that is now known (I1, H9). Commits.

    Raises `Refusal` without a number and `TooLate` while another application is open (H7).
    """
    view_of(actor, pupil_id)
    if not number.strip():
        raise Refusal(N_("请填身份证号。"))
    wanted = {"id_doc_type": RESIDENT_ID, "id_number": number}
    return applications.make(actor, pupil_id, ApplicationKind.CHANGE, wanted, origin="no_id")

"""What an application must be before anybody is asked to decide on it: sound values, a free number, files (H2)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from portal.models import Application, Evidence, Place, Pupil, Step, db, keyring
from portal.rules import deletions, identity_proofs
from portal.rules.applications import OPEN, REFUSED, ApplicationKind, ApplicationMove
from portal.rules.checks_identity import RESIDENT_ID
from portal.rules.clock import day_start, today
from portal.rules.corrections import errors_of_all
from portal.rules.evidence import documents_for_application
from portal.rules.evidence_formats import check_count
from portal.rules.places import ancestors, below
from portal.rules.problems import Problem, message_of
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import place_settings, pupils
from portal.services.history import record
from portal.services.refusals import Refusal, Wait

#: the step of being told that a number is taken, and how often a day, or an application, it can come to that
TAKEN = "NUMBER_TAKEN"
MOST_TRIES = 10
_TOO_OFTEN = N_("试的次数太多了，这个证件号今天不能再送。请先核对证件原件，再请主管教育局帮忙查。")


class Taken(Refusal):
    """Another pupil of the province has the number; who is told so is written down."""


class NotValid(Refusal):
    """The values break rules; `problems` say which."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(N_("这几项还不对，没有送出。改好再送。"))
        self.problems = problems


def require_sound(found: Application) -> None:
    """Raise `Refusal` for an application that changes nothing, `NotValid` for broken rules or a number that another
    pupil of the province has (R89): nobody is to look at what cannot be granted."""
    if not found.items:
        raise Refusal(N_("还没有要改的项目。"))
    if any(both["old"] == both["new"] for both in found.values.values()):
        raise Refusal(N_("有的项目还没有填新的内容：填好再送，或者把它去掉。"))
    number = found.values.get("id_number")
    if number and number["old"] and not number["new"]:  # X24: also when the number fails its check
        raise Refusal(N_("已经登记的证件号不能改成空的。号码有错，照证件改成对的。"))
    problems = problems_of(found)
    if problems:
        raise NotValid(problems)
    if is_taken(found):
        raise Taken(N_("这个身份证件号省里已经有别的学生在用。请先核对证件；号码没错的，按问题学籍办理。"))


def require_to_send(actor: Actor, found: Application) -> None:
    """`require_sound`, a few times a day: otherwise numbers of others could be found out by trying (sec-A2).

    Raises `Wait` when a person has been told too often today that a number is taken, or the application has been sent
    too often. That somebody was told is kept: then it commits."""
    if "id_number" in found.items:
        _require_few_tries(actor, found)
    try:
        require_sound(found)
    except Taken:
        record(actor, found, TAKEN, found.school_id)
        db.session.commit()
        raise


def _require_few_tries(actor: Actor, found: Application) -> None:
    told = (Step.by_id == actor.user_id, Step.move == TAKEN)
    sent = (Step.thing_id == found.id, Step.move == ApplicationMove.SEND.value)
    for conditions in (told, sent):
        query = select(func.count()).select_from(Step).where(*conditions, Step.at >= day_start(today()))
        if (db.session.scalar(query) or 0) >= MOST_TRIES:
            raise Wait(
                N_("试的次数太多了，这个证件号今天不能再送。请先核对证件原件，再请主管教育局帮忙查。"), minutes=0
            )


def require_deletable(pupil: Pupil) -> None:
    """Raise `Refusal` for a record that is no mistaken entry: only temporary numbers are (R112, X4)."""
    why = deletions.why_not(pupil.record.get("student_number", ""), pupil.is_draft)
    if why is not None:
        raise Refusal(why)


def is_being_deleted(pupil_id: UUID) -> bool:
    """True while a deletion of the record is open, or was refused and its entry stands: no other business (R113)."""
    mine = (Application.pupil_id == pupil_id, Application.kind == ApplicationKind.DELETION)
    query = select(Application.id).where(*mine, Application.state.in_(OPEN | REFUSED))
    return db.session.scalar(query.limit(1)) is not None


def require_deletion(found: Application) -> None:
    """Raise `Refusal` for the deletion of what is no mistaken entry (R112), and for one without a reason."""
    require_deletable(found.pupil)
    if not found.reason:
        raise Refusal(N_("请写明为什么是误操作，校领导和主管部门要看。"))


def problems_of(found: Application) -> list[Problem]:
    """The errors the record would have with the new values (R1-R21)."""
    new = {item: both["new"] for item, both in found.values.items()}
    context = pupils.context_of(found.pupil)
    if "id_number" in new:  # the national student number stays as it is (H6, R20)
        context = replace(context, on_file=replace(context.on_file, id_number_changed=True))
    return errors_of_all(found.pupil.record, new, context)


def is_taken(found: Application) -> bool:
    """True when another pupil of the province, who has not left, has the new resident ID number (R89)."""
    values = found.values
    kind = values.get("id_doc_type", {}).get("new") or found.pupil.record.get("id_doc_type", "")
    number = values.get("id_number", {}).get("new", "")
    if not number or kind != RESIDENT_ID:
        return False
    low, high = below(province_of(found.path))
    query = select(Pupil.id).where(
        Pupil.id_index == keyring().blind("pupil.id_number", number),
        Pupil.id != found.pupil_id,
        Pupil.left_at.is_(None),
        Pupil.path >= low,
        Pupil.path < high,
    )
    return db.session.scalar(query.limit(1)) is not None


def province_of(path: str) -> str:
    """The path of the province a path lies in; without one its top place."""
    paths = ancestors(path)
    query = select(Place.path).where(Place.path.in_(paths), Place.level == Level.PROVINCE)
    return db.session.scalar(query) or paths[0]


def evidence_of(found: Application) -> list[Evidence]:
    """The files that are bound to an application and still there, oldest first."""
    query = select(Evidence).where(Evidence.application_id == found.id, Evidence.removed_at.is_(None))
    return list(db.session.scalars(query.order_by(Evidence.at, Evidence.id)))


def require_evidence(found: Application) -> None:
    """Raise `Refusal` while nothing is there that speaks for the application (R83), or not for all of it (X8, X17)."""
    if missing_evidence(found):
        for problem in check_count(len(evidence_of(found))):
            raise Refusal(message_of(problem)[0])
        raise Refusal(N_("还缺证明材料，补上再送。"))


def missing_evidence(found: Application) -> list[tuple[str, tuple[str, ...]]]:
    """(item, kinds of evidence of which any one would do) for every item that no file speaks for yet (X8, X17); nothing
    where the province does not ask for the upload."""
    if found.kind == ApplicationKind.CHANGE and not place_settings.evidence_is_required(found.path):
        return []
    there = {one.kind for one in evidence_of(found)}
    return [(item, kinds) for item, kinds in wanted_evidence(found) if not there & set(kinds)]


def wanted_evidence(found: Application) -> list[tuple[str, tuple[str, ...]]]:
    """(item, kinds of evidence of which any one will do) for everything that needs a document (X8, X17, R86). The
    deletion of a record that nobody has approved needs none (R111)."""
    if found.kind == ApplicationKind.IDENTITY:
        return [(identity_proofs.PROOF_ITEM, identity_proofs.proofs_for(found.pupil.record))]
    if found.kind == ApplicationKind.DELETION:
        return [] if found.at_school else [(deletions.PROOF_ITEM, deletions.PROOFS)]
    record_then = found.pupil.record | {item: both["new"] for item, both in found.values.items()}
    listed = place_settings.evidence_kinds(found.path)
    return [(item, documents_for_application(item, record_then, listed)) for item in found.items]

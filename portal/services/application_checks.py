"""What an application must be before anybody is asked to decide on it: sound values, a free number, files (H2)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from portal.models import Application, Evidence, Place, Pupil, db, keyring
from portal.rules.checks_identity import RESIDENT_ID
from portal.rules.corrections import errors_of_all
from portal.rules.evidence import documents_for
from portal.rules.places import ancestors, below
from portal.rules.problems import Problem
from portal.rules.roles import Level
from portal.rules.words import N_
from portal.services import pupils
from portal.services.refusals import Refusal


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
    problems = problems_of(found)
    if problems:
        raise NotValid(problems)
    if is_taken(found):
        raise Refusal(N_("这个身份证件号省里已经有别的学生在用。请先核对证件；号码没错的，按问题学籍办理。"))


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


def missing_evidence(found: Application) -> list[tuple[str, tuple[str, ...]]]:
    """(item, kinds of evidence of which any one would do) for every item that no file speaks for yet (X8, X17)."""
    record_then = found.pupil.record | {item: both["new"] for item, both in found.values.items()}
    there = {one.kind for one in evidence_of(found)}
    needed = [(item, documents_for(item, record_then)) for item in found.items]
    return [(item, kinds) for item, kinds in needed if kinds and not there & set(kinds)]

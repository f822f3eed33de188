"""The form of a draft: what was typed and chosen in it, what is done with it, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from portal.rules import inputs
from portal.rules.applications import ApplicationState
from portal.rules.codes import table
from portal.rules.items import ITEMS
from portal.rules.normalise import normalise
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import application_drafts, application_evidence, applications
from portal.services.application_drafts import Line
from portal.services.application_list import Application
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.web.errors import words
from portal.web.item_inputs import Input, input_of, label_of, posted_of, said

MADE = N_("写申请")
#: kinds of evidence that may be added whatever the items need
_ALWAYS = ("ONROLL_CERT", "OTHER")


@dataclass
class Trouble(Exception):
    """Why the form comes back: (id of the field or nothing, sentence) each, what was typed, what is wrong where."""

    status: int
    told: list[tuple[str | None, str]]
    posted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    errors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str | None = None


def act(actor: Actor, found: Application) -> UUID | None:
    """Do what the form's button says; the application to show next, or None for the list. Raises `Trouble` with what
    was typed when something of the draft is not as it must be."""
    what, _colon, about = request.form.get("do", "save").partition(":")
    version = request.form.get("version", 0, type=int)
    if what == "again":
        return applications.again(actor, found.id).id
    if what == "take-back":
        return applications.take_back(actor, found.id, version).id
    if what == "withdraw":
        applications.withdraw(actor, found.id, version)
        return None
    _change_draft(actor, found, version, what, about)
    return found.id


def _change_draft(actor: Actor, found: Application, version: int, what: str, about: str) -> None:
    posted = posted_of(request.form, found.items)
    if what == "place":  # the lists of a place are filled step by step
        raise Trouble(200, [], posted, reason=request.form.get("reason"))
    version = _save(actor, found, version, posted)
    if what == "drop":
        application_drafts.leave_out(actor, found.id, version, about)
    if what == "remove":
        application_evidence.remove(actor, found.id, _id(about))
    _files(actor, found, needed=what == "file")
    if what == "send":
        _require_whole(found)
        applications.send(actor, found.id, found.version)


def _id(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError:
        raise NotFound from None


def _require_whole(found: Application) -> None:
    """Everything that keeps a draft from being sent, told at once and where it is."""
    lines = application_drafts.lines_of(found)
    empty: dict[str, tuple[str, ...]] = {
        line.item.code: (_("还没有填新的内容。"),) for line in lines if not line.is_filled
    }
    told = [(f"in-{code}", _("%(name)s：%(text)s", name=label_of(code), text=text[0])) for code, text in empty.items()]
    told += [(f"in-{line.item.code}", said(problem)) for line in lines for problem in line.problems]
    missing = [label_of(line.item.code) for line in lines if line.missing and line.is_filled]
    if missing:
        told.append(("photo", _("还缺证明材料：%(items)s。", items=_("、").join(missing))))
    if told:
        raise Trouble(400, list(told), errors=empty)


def _save(actor: Actor, found: Application, version: int, posted: Mapping[str, Mapping[str, str]]) -> int:
    """Keep what was typed, when it differs; the version after that."""
    before = {item: both["new"] for item, both in found.values.items()}
    typed, errors = dict(before), dict[str, tuple[str, ...]]()
    address = found.pupil.record.get("present_address", "")
    for item, fields in posted.items():
        raw = inputs.raw_of(ITEMS[item], fields, address)
        if raw is None:
            errors[item] = (_("请选到县（市、区）。"),)
        else:
            typed[item] = normalise(item, raw)
    reason = request.form.get("reason", "").strip()
    if typed != before or reason != (found.reason or ""):
        version = applications.draft(actor, found.id, version, typed, reason, typed).version
    elif version != found.version:
        raise TooLate(N_("刚才别人先改了。您填的没有存，请看一眼新的再做。"))
    if errors:
        told = [
            (f"in-{item}", _("%(name)s：%(text)s", name=label_of(item), text=text[0])) for item, text in errors.items()
        ]
        raise Trouble(400, list(told), posted, errors)
    return version


def _files(actor: Actor, found: Application, needed: bool) -> None:
    """Keep the files that were chosen; those before the first one that is not taken are kept too."""
    chosen = [one for one in request.files.getlist("photo") if one.filename]
    if needed and not chosen:
        raise Trouble(400, [("photo", _("还没有选文件。先选文件，再点上传。"))])
    kind, about = request.form.get("kind", ""), request.form.get("about", "")
    for one in chosen:
        name = one.filename or ""
        try:
            application_evidence.send(actor, found.id, about, kind, name, one.read())
        except TooLate:
            raise
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            raise Trouble(refusal.status, [("photo", words(refusal))]) from refusal


def inputs_of(found: Application, lines: list[Line], trouble: Trouble | None) -> dict[str, Input]:
    """The input of each item: filled with what was typed, else with the new value; with what is wrong."""
    posted, errors = (trouble.posted, trouble.errors) if trouble else ({}, {})
    assert found.state == ApplicationState.DRAFTED
    return {
        line.item.code: input_of(
            line.item,
            line.new,
            found.version,
            posted.get(line.item.code),
            errors.get(line.item.code) or tuple(said(problem) for problem in line.problems),
        )
        for line in lines
    }


def kinds_for(lines: list[Line]) -> list[str]:
    """Codes of evidence_type to choose from: what the items need first."""
    needed = [kind for line in lines for kind in line.needs]
    return [*dict.fromkeys((*needed, *_ALWAYS, *table("evidence_type").codes))]

"""Pupils without a resident ID number, foreign, Hong Kong, Macau and Taiwan pupils: what proves who they are (I, R86).

A number that is there but fails its check is no reason to be here: it is corrected, never blanked (X24).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from portal.rules.applications import ApplicationState
from portal.rules.checks_identity import CHINA, NO_DOCUMENT, RESIDENT_ID
from portal.rules.words import N_

#: the item that the files of a proof belong to
PROOF_ITEM = "id_number"
_BY_SCHOOL = ("ONROLL_CERT", "NO_ID_CERT")
_OWN_DOCUMENT = ("FOREIGN_DOC",)
#: values of hmt_overseas: Hong Kong, Macau, Taiwan people and foreigners
_FROM_OUTSIDE = frozenset({"01", "03", "05", "41", "51"})


class ProofState(StrEnum):
    """How far the proof of a pupil is: missing, drafted, uploaded (with the leader), approved or refused (I5)."""

    MISSING = "missing"
    DRAFTED = "drafted"
    UPLOADED = "uploaded"
    APPROVED = "approved"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        return _STATE_WORDS[self]


_STATE_WORDS = {
    ProofState.MISSING: N_("还没有材料"),
    ProofState.DRAFTED: N_("还没有送出"),
    ProofState.UPLOADED: N_("等校领导"),
    ProofState.APPROVED: N_("已通过"),
    ProofState.REFUSED: N_("没有通过"),
}
_OF_APPLICATION = {
    ApplicationState.DRAFTED: ProofState.DRAFTED,
    ApplicationState.WITH_LEADER: ProofState.UPLOADED,
    ApplicationState.GRANTED: ProofState.APPROVED,
    ApplicationState.REFUSED_BY_LEADER: ProofState.REFUSED,
}


def needs_proof(record: Mapping[str, str]) -> bool:
    """True when the document is not the resident ID, or no number is stored (I)."""
    return record.get("id_doc_type") != RESIDENT_ID or not record.get("id_number")


def comes_from_outside(record: Mapping[str, str]) -> bool:
    """True for foreign, Hong Kong, Macau and Taiwan pupils: their own document speaks, not the school (I3)."""
    if record.get("id_doc_type", "") not in {"", RESIDENT_ID, NO_DOCUMENT}:
        return True
    return record.get("nationality", "") not in {"", CHINA} or record.get("hmt_overseas", "") in _FROM_OUTSIDE


def proofs_for(record: Mapping[str, str]) -> tuple[str, ...]:
    """Codes of evidence_type any one of which proves the pupil (R86); a Chinese pupil without any number needs the
    certificate that says so first (R11)."""
    if comes_from_outside(record):
        return _OWN_DOCUMENT
    return _BY_SCHOOL if record.get("id_number") else _BY_SCHOOL[::-1]


def lacks_guardian_number(record: Mapping[str, str]) -> bool:
    """True for a pupil without any number when no guardian's number is there either (R11, X19)."""
    if record.get("id_number") or record.get("id_doc_type") != NO_DOCUMENT:
        return False
    return not (record.get("guardian1_id_number") or record.get("guardian2_id_number"))


def is_proved(record: Mapping[str, str], kinds: Collection[str]) -> bool:
    """R86: one of the right kind is among the files."""
    return bool(set(kinds) & set(proofs_for(record)))


def state_of(application: ApplicationState | None) -> ProofState:
    """The state of a proof from that of its newest application; one that was given up counts as none."""
    return _OF_APPLICATION.get(application, ProofState.MISSING) if application else ProofState.MISSING

"""Evidence: which document speaks for which change (E3, X8, X17), and which files are taken (R81)."""

from collections.abc import Mapping

from portal.rules.checks_identity import NO_DOCUMENT, RESIDENT_ID
from portal.rules.codes import table
from portal.rules.problems import Problem, problem
from portal.rules.words import N_

FORMATS = table("evidence_file_format").offered


def check_file_name(name: str, formats: frozenset[str] = FORMATS) -> list[Problem]:
    """R81: the ending of the name is DOC, RAR or JPG in either case; a province may settle other `formats`."""
    _, dot, ending = name.rpartition(".")
    if not dot or not ending:
        return [problem("R81.none")]
    return [] if ending.upper() in formats else [problem("R81", found=ending.upper())]


#: what people at home call the documents (evidence_type has the words of the registry)
WORDS = {
    "HUKOU_SCAN": N_("户口簿里孩子那一页"),
    "ID_CARD_SCAN": N_("身份证正反面"),
    "ID_RECEIPT": N_("派出所正在办身份证的回执"),
    "FOREIGN_DOC": N_("护照或通行证"),
    "NO_ID_CERT": N_("学校开的无身份证号证明"),
    "DISABILITY_CERT": N_("残疾证"),
    "AUTHORITY_CERT": N_("主管部门的证明"),
    "OTHER": N_("别的证明"),
}
_OF_THE_PERSON = frozenset({"name", "sex", "birth_date"})
_OF_THE_NUMBER = frozenset({"id_doc_type", "id_number"})
_CERTIFIED = {"health_status": ("50", "DISABILITY_CERT"), "orphan": ("1", "AUTHORITY_CERT")}
_CERTIFIED["martyr_child"] = _CERTIFIED["orphan"]


def documents_for(item: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Codes of evidence_type, any one of which speaks for the new value of `item`; empty when none is needed.

    `values` is the record as it will be: a foreigner shows a passport, a child without a number the school's proof.
    """
    if item in _CERTIFIED:
        when, certificate = _CERTIFIED[item]
        return (certificate,) if values.get(item) == when else ()
    if item not in _OF_THE_PERSON | _OF_THE_NUMBER:
        return ()
    kind = values.get("id_doc_type", "")
    if kind == NO_DOCUMENT:
        return ("HUKOU_SCAN", "OTHER") if item in _OF_THE_PERSON else ("NO_ID_CERT", "OTHER")
    if kind not in {"", RESIDENT_ID}:
        return ("FOREIGN_DOC",)
    more = ("ID_RECEIPT",) if item in _OF_THE_NUMBER else ()
    return ("HUKOU_SCAN", "ID_CARD_SCAN", *more)

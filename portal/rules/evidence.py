"""Evidence: which document speaks for which change (E3, X8, X17); which files are taken: `evidence_formats`."""

from collections.abc import Iterable, Mapping

from portal.rules.checks_identity import NO_DOCUMENT, RESIDENT_ID
from portal.rules.codes import table
from portal.rules.words import N_

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
Kinds = Mapping[str, tuple[str, ...]]
#: stands for every item under control that has no row of its own
CONTROLLED_ITEM = "controlled"
#: item -> kinds of evidence (codes of evidence_type) any one of which will do; a province may edit it (X8, X17)
DEFAULT_KINDS: Kinds = {
    "name": ("HUKOU_SCAN", "ID_CARD_SCAN"),
    "sex": ("HUKOU_SCAN", "ID_CARD_SCAN"),
    "birth_date": ("HUKOU_SCAN", "ID_CARD_SCAN"),
    "id_doc_type": ("HUKOU_SCAN", "ID_CARD_SCAN", "ID_RECEIPT"),
    "id_number": ("HUKOU_SCAN", "ID_CARD_SCAN", "ID_RECEIPT"),
    "health_status": ("DISABILITY_CERT",),
    "orphan": ("AUTHORITY_CERT",),
    "martyr_child": ("AUTHORITY_CERT",),
    CONTROLLED_ITEM: ("HUKOU_SCAN", "ID_CARD_SCAN", "AUTHORITY_CERT", "OTHER"),
}
_OF_THE_PERSON = frozenset({"name", "sex", "birth_date"})
_OF_THE_NUMBER = frozenset({"id_doc_type", "id_number"})
#: the only value of these items that is certified
_CERTIFIED = {"health_status": "50", "orphan": "1", "martyr_child": "1"}


def documents_for(item: str, values: Mapping[str, str], kinds: Kinds = DEFAULT_KINDS) -> tuple[str, ...]:
    """Codes of evidence_type, any one of which speaks for the new value of `item`; empty when none is needed.

    `values` is the record as it will be: a foreigner shows a passport, a child without a number the school's proof;
    for everybody else the list of the place (`kinds`) holds.
    """
    if item in _CERTIFIED:
        return kinds[item] if values.get(item) == _CERTIFIED[item] else ()
    if item not in _OF_THE_PERSON | _OF_THE_NUMBER:
        return ()
    kind = values.get("id_doc_type", "")
    if kind == NO_DOCUMENT:
        return ("HUKOU_SCAN", "OTHER") if item in _OF_THE_PERSON else ("NO_ID_CERT", "OTHER")
    if kind not in {"", RESIDENT_ID}:
        return ("FOREIGN_DOC",)
    return kinds[item]


def documents_for_application(item: str, values: Mapping[str, str], kinds: Kinds = DEFAULT_KINDS) -> tuple[str, ...]:
    """As `documents_for`, but nothing goes its way without any: items under control need some document too (G8)."""
    return documents_for(item, values, kinds) or kinds[CONTROLLED_ITEM]


def as_pairs(kinds: Kinds) -> tuple[str, ...]:
    """The list as it is kept: "item:KIND", in its order."""
    return tuple(f"{item}:{kind}" for item in DEFAULT_KINDS for kind in kinds.get(item, ()))


def from_pairs(pairs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The inverse of `as_pairs`."""
    found: dict[str, tuple[str, ...]] = {}
    for item, _, kind in (pair.partition(":") for pair in pairs):
        found[item] = (*found.get(item, ()), kind)
    return found


def is_whole(pairs: Iterable[str]) -> bool:
    """True when every row has at least one kind and nothing is in it that does not exist."""
    found = from_pairs(pairs)
    known = table("evidence_type").offered
    return set(found) == set(DEFAULT_KINDS) and all(set(kinds) <= known for kinds in found.values())

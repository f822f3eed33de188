"""Deletion of a record that was made by mistake: which records, and what it leaves behind (M1, M2, R112, X4)."""

from __future__ import annotations

from portal.rules.scope import CLOSED
from portal.rules.words import N_

#: the status of a record that was taken out: shown as cancelled (student_status)
STATUS = CLOSED
#: the reason in the ledger behind the denominator, and in the list of who is not in the round
REASON = "deleted"
#: files of a deletion belong to this item; any kind of document that shows the mistake will do
PROOF_ITEM = "student_number"
PROOFS = ("OTHER", "AUTHORITY_CERT", "HUKOU_SCAN", "ID_CARD_SCAN")
TEMPORARY = "L"
_FORMAL = {
    "G": N_("正式学籍号（G 开头）的学籍不能按误操作删除，有问题的按问题学籍办理。"),
    "J": N_("正式学籍号（J 开头）的学籍不能按误操作删除，有问题的按问题学籍办理。"),
}


def why_not(student_number: str, is_draft: bool) -> str | None:
    """Why a record cannot be deleted as a mistake, as a message id; None when it can (R112, X4).

    Formal numbers, G and J alike, are issued once the identity is found true (R23): such a record is no slip of the
    hand. A row that was never taken over (`is_draft`) may have no number at all.
    """
    letter = student_number[:1].upper()
    if letter in _FORMAL:
        return _FORMAL[letter]
    if letter == TEMPORARY or is_draft:
        return None
    return N_("只有临时学籍号（L 开头）的学籍能按误操作删除。")

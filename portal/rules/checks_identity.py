"""Who the pupil is: name, document and number (R1-R18), national student number (R19-R24)."""

import re
from collections.abc import Mapping

from portal.rules.context import Context
from portal.rules.dates import real_date
from portal.rules.idnumber import birth_date_in, check_digit_fits, check_resident_id, has_id_shape, is_valid_id, sex_in
from portal.rules.problems import Problem, problem

RESIDENT_ID = "1"
NO_DOCUMENT = "Z"
CHINA = "CHN"

_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_NAME = re.compile(rf"[{_HAN}]+(?:·[{_HAN}]+)*")
_NOT_IN_NAME = re.compile(rf"[^{_HAN}·]+")
_MEMBER_NAME = re.compile(r"[^\W\d_]+(?:[ ·.'’-]{1,2}[^\W\d_]+)*\.?")
_NOT_IN_MEMBER_NAME = re.compile(r"[^\w ·.'’-]+|[\d_]+")
_NUMBER_SIGNS = re.compile(r"\S*[\s_./\\·—-]\S*.*")
_OTHER_DOCUMENT = re.compile(r"[0-9A-Z]{5,20}", re.ASCII)
_STUDENT_NUMBER = re.compile(r"[GJL][0-9]{17}[0-9X]", re.ASCII)
_LONGEST_NAME = 36

# Hong Kong, Macau, Taiwan documents and the values of hmt_overseas that go with them (R13).
_FITTING = {"6": {"01", "02"}, "7": {"03", "04"}, "8": {"05", "06"}}
_NOT_NO = {"9", "A"}


def check_name(item: str, value: str, context: Context) -> list[Problem]:
    """R16: Chinese characters with middle dots between them, at most 36."""
    if len(value) > _LONGEST_NAME:
        return [problem("R16.long", item, limit=_LONGEST_NAME, count=len(value))]
    if _NAME.fullmatch(value):
        return []
    strange = _NOT_IN_NAME.search(value)
    if strange and strange[0].isspace():
        return [problem("R16.blank", item)]
    return [problem("R16", item, found=strange[0] if strange else "·")]


def check_member_name(item: str, value: str, context: Context) -> list[Problem]:
    """Names of family members as on their document: letters of any script, no digits."""
    if len(value) > _LONGEST_NAME:
        return [problem("R16.long", item, limit=_LONGEST_NAME, count=len(value))]
    if _MEMBER_NAME.fullmatch(value):
        return []
    strange = _NOT_IN_MEMBER_NAME.search(value)
    return [problem("R16.member", item, found=strange[0] if strange else value)]


def check_number_signs(item: str, value: str, context: Context) -> list[Problem]:
    """R3: no blanks or symbols inside; the rest depends on the document and is checked with the record."""
    return [problem("R3", item)] if _NUMBER_SIGNS.fullmatch(value) else []


def check_student_number(item: str, value: str, context: Context) -> list[Problem]:
    """R19-R22: shape of the number, and what the letter promises about the rest."""
    letter, rest = value[0], value[1:]
    if letter == "L" and rest.isascii() and rest.isdigit() and len(rest) != 18:
        return [problem("R22", item, count=len(rest))]
    if len(value) != 19:
        return [problem("R19", item, count=len(value))]
    if not _STUDENT_NUMBER.fullmatch(value) or (letter == "L" and rest[-1] == "X"):
        return [problem("R19.letter", item, found=value)]
    if letter == "G":
        return [] if is_valid_id(rest) else [problem("R20", item)]
    if real_date(rest[6:14]) is None:
        return [problem("R21.date" if letter == "J" else "R22.date", item, found=rest[6:14])]
    return [problem("R21", item)] if letter == "J" and not check_digit_fits(rest) else []


def check_document(prefix: str, values: Mapping[str, str], context: Context) -> list[Problem]:
    """The number of a person against the type of the document (R1-R5, R8, R12; R70 for family members).

    `prefix` is empty for the pupil, "guardian1_" or "guardian2_" for a family member.
    """
    item = prefix + "id_number"
    number, kind = values.get(item, ""), values.get(prefix + "id_doc_type", "")
    if not number or _NUMBER_SIGNS.fullmatch(number):
        return []
    if kind == RESIDENT_ID:
        return check_resident_id(item, number, context)
    if kind in {"", NO_DOCUMENT} or _OTHER_DOCUMENT.fullmatch(number):
        return []
    return [problem("R12", item, found=number)]


def check_identity(values: Mapping[str, str], context: Context) -> list[Problem]:
    """The rules that tie the pupil's identity items together (R6, R7, R10, R11, R13-R15, R20, R21)."""
    found = check_document("", values, context)
    kind, number = values.get("id_doc_type", ""), values.get("id_number", "")
    if kind == RESIDENT_ID:
        found += _against_number(values, number) + _resident(values)
    else:
        found += _other_document(kind, values)
    if not number:
        found += _without_number(kind, values, context)
    return found + _student_number(values, kind, number, context)


def _against_number(values: Mapping[str, str], number: str) -> list[Problem]:
    if not has_id_shape(number) or birth_date_in(number) is None:
        return []
    born, sex = values.get("birth_date", ""), values.get("sex", "")
    found = []
    if born and born != number[6:14]:
        found.append(problem("R6", "birth_date", birth_date=born, wanted=number[6:14]))
    if sex and sex != sex_in(number):
        found.append(problem("R7", "sex", sex=sex))
    return found


def _resident(values: Mapping[str, str]) -> list[Problem]:
    found = []
    if values.get("hmt_overseas", "") not in {"", "00"}:
        found.append(problem("R14", "hmt_overseas", hmt_overseas=values["hmt_overseas"]))
    if values.get("nationality", "") not in {"", CHINA}:
        found.append(problem("R15.china", "nationality", nationality=values["nationality"]))
    return found


def _other_document(kind: str, values: Mapping[str, str]) -> list[Problem]:
    overseas = values.get("hmt_overseas", "")
    wrong = overseas not in _FITTING[kind] if kind in _FITTING else kind in _NOT_NO and overseas == "00"
    if not overseas or not wrong:
        return []
    return [problem("R13", "hmt_overseas", id_doc_type=kind, hmt_overseas=overseas)]


def _without_number(kind: str, values: Mapping[str, str], context: Context) -> list[Problem]:
    if not kind:
        return []
    if kind != NO_DOCUMENT:
        return [problem("R10", "id_number", id_doc_type=kind)]
    found = []
    if not (values.get("guardian1_id_number") or values.get("guardian2_id_number")):
        found.append(problem("R11.guardian", "guardian1_id_number"))
    if context.on_file.lacks("NO_ID_CERT"):
        found.append(problem("R11.certificate", "id_number"))
    return found


def _student_number(values: Mapping[str, str], kind: str, number: str, context: Context) -> list[Problem]:
    student = values.get("student_number", "")
    if student.startswith("J") and kind == RESIDENT_ID and not context.on_file.id_number_changed:  # H6, H9: it stays
        return [problem("R21.type", "student_number")]
    if not student.startswith("G") or student[1:] == number or context.on_file.id_number_changed:
        return []
    return [problem("R20.differs", "student_number")]


def check_formal_number(identity_clean: bool, problem_open: bool, transfer_open: bool) -> list[Problem]:
    """R23: what stands in the way of a formal number; nothing when it can be issued."""
    reasons = {"R23.check": not identity_clean, "R23.problem": problem_open, "R23.transfer": transfer_open}
    return [problem(code, "student_number") for code, holds in reasons.items() if holds]

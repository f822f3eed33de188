"""R65-R74: the two family members."""

import pytest

from portal.rules.checks import OnFile
from portal.rules.idnumber import check_digit
from tests.rules.examples import (
    FATHER,
    MOTHER,
    NO_DOCUMENT,
    NO_SECOND,
    PUPIL,
    Example,
    bad,
    context,
    good,
    record,
    value,
    warns,
)

MOTHER_ONLY = {"guardian1_name": "周小验", "guardian1_relation": "52", "guardian1_id_number": MOTHER} | NO_SECOND
NO_NUMBERS = {f"guardian{n}_{key}": v for n in (1, 2) for key, v in (("id_doc_type", "Z"), ("id_number", ""))}
NO_FIRST = {item: "" for item in PUPIL if item.startswith("guardian1_")}
WAIVED = context(OnFile(second_guardian_waived=True))


def first(**changes: str):
    """The pupil with items of member 1 changed, named without prefix."""
    return record(**{f"guardian1_{key}": text for key, text in changes.items()})


def grown_up(born: str) -> str:
    """A sound number of somebody born then."""
    return f"990101{born}001" + check_digit(f"990101{born}001")


EXAMPLES = [
    good("R65", "father and mother", record()),
    good("R65", "mother only, waived", record(WAIVED, **MOTHER_ONLY)),
    good("R65", "mother only, reason written", record(**MOTHER_ONLY | {"guardian2_relation_note": "单亲"})),
    bad("R65", "none", record(**NO_FIRST | NO_SECOND)),
    bad("R65", "father only, no reason", record(**NO_SECOND), "R65.second"),
    good("R66", "both", record(guardian1_is_guardian="1", guardian2_is_guardian="1")),
    good("R66", "mother", record(guardian1_is_guardian="0", guardian2_is_guardian="1")),
    bad("R66", "none", record(guardian1_is_guardian="0", guardian2_is_guardian="0")),
    bad("R66", "empty", record(guardian1_is_guardian="", guardian2_is_guardian="")),
    good("R67", "code", value("guardian1_relation", "51")),
    good("R67", "label", value("guardian1_relation", "母亲")),
    bad("R67", "grandchild", value("guardian1_relation", "41")),
    bad("R67", "daddy", value("guardian1_relation", "爸")),
    good("R68", "99 with note", first(relation="99", relation_note="村委会指定")),
    good("R68", "father", first(relation="51", relation_note="")),
    bad("R68", "99 without note", first(relation="99", relation_note="")),
    bad("R68", "97 with blanks", first(relation="97", relation_note="  ")),
    good("R69", "Z and empty", first(id_doc_type="Z", id_number="")),
    good("R69", "type 1 with number", first(id_doc_type="1", id_number=FATHER)),
    bad("R69", "type 1 and empty", first(id_number="")),
    bad("R69", "type A and empty", first(id_doc_type="A", id_number="")),
    good("R70", "father", first(id_number=FATHER)),
    good("R70", "mother", first(id_number=MOTHER)),
    bad("R70", "check digit", first(id_number="990101198605210331"), "R2"),
    bad("R70", "letter O", first(id_number="9901011986O5210332"), "R1.sign"),
    good("R71", "two numbers", record(guardian1_id_number=FATHER, guardian2_id_number=MOTHER)),
    good("R71", "two names", record(**NO_NUMBERS)),
    bad("R71", "same number", record(guardian2_id_number=FATHER)),
    bad(
        "R71",
        "same person",
        record(**NO_NUMBERS | {"guardian2_name": "林大试", "guardian2_relation": "51"}),
        "R71.person",
    ),
    good("R72", "parents", record()),
    good("R72", "grandfather with reason", first(relation="61", relation_note="父母已故")),
    bad("R72", "not a relative", first(relation="99"), "R68"),
    warns("R72", "elder brother", first(relation="71")),
    good("R73", "father", first(id_number=FATHER)),
    good("R73", "grandfather", first(id_number="980101196001052117", relation="61")),
    good("R73", "brother of 18 today", first(id_number=grown_up("20070515"), relation="71")),
    good("R73", "father 14 years older", first(id_number=grown_up("20000312"))),
    warns("R73", "brother of 18 tomorrow", first(id_number=grown_up("20070516"), relation="71")),
    warns("R73", "father 14 years older tomorrow", first(id_number=grown_up("20000313")), "R73.parent"),
    warns("R73", "brother of 15", first(id_number="990101201005050114", relation="71")),
    warns("R73", "father 10 years older", first(id_number="990101200405050135"), "R73.parent"),
    good("R74", "mobile", first(phone="15400000001")),
    good("R74", "landline", first(phone="010-00000000")),
    bad("R74", "phone empty", first(phone="")),
    bad("R74", "phone 123", first(phone="123"), "R60"),
    bad("R74", "address of member 2 empty", record(guardian2_current_address="")),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    example.verify()


def test_a_half_filled_second_member_names_each_missing_item() -> None:
    found = record(**NO_SECOND | {"guardian2_name": "周小验"})()
    assert {p.item for p in found} == {
        "guardian2_relation",
        "guardian2_phone",
        "guardian2_current_address",
        "guardian2_is_guardian",
    }


def test_a_number_without_document_type_is_asked_for() -> None:
    assert [(p.code, p.item) for p in first(id_doc_type="")()] == [("R76", "guardian1_id_doc_type")]


def test_a_pupil_without_number_needs_one_guardian_number_only() -> None:
    one = {"guardian1_id_number": "", "guardian1_id_doc_type": "Z"}
    assert record(**NO_DOCUMENT | one)() == []

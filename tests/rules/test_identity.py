"""R1-R25: ID numbers, identity, student numbers."""

import pytest

from portal.rules.checks import OnFile
from portal.rules.checks_file import check_rows
from portal.rules.checks_identity import check_formal_number
from portal.rules.items import ITEMS
from tests.rules.examples import (
    FATHER,
    GRANDFATHER,
    NO_DOCUMENT,
    NO_SECOND,
    P1,
    P2,
    PASSPORT,
    Example,
    bad,
    context,
    good,
    record,
    row,
    value,
    warns,
)

TEMPORARY = "L990101201403124821"
CERTIFIED = context(OnFile(certificates=frozenset({"NO_ID_CERT"})))
NOTHING_ON_FILE = context(OnFile(certificates=frozenset()))
CHANGED = context(OnFile(id_number_changed=True))
NO_PARENT_NUMBER = {f"guardian{n}_{name}": "" for n in (1, 2) for name in ("id_number", "id_doc_type")}


def number(text: str):
    """A pupil's resident ID number with everything that must agree with it left as it is."""
    return record(id_number=text)


def check_numbers(*numbers: str):
    """Several pupils of one file, by student number."""
    return lambda: [p for _, p in check_rows((n, {"student_number": text}) for n, text in enumerate(numbers, start=2))]


EXAMPLES = [
    good("R1", "18 digits", number(P1)),
    good("R1", "ends with X", number("99010120130704019X")),
    bad("R1", "17 characters", number("99010120140312015")),
    bad("R1", "letter O inside", number("9901012013070401OX"), "R1.sign"),
    good("R2", "fits", number(P2)),
    good("R2", "grandfather", record(guardian1_id_number=GRANDFATHER)),
    good("R2", "specimen of GB 11643", number("11010519491231002X")),
    good("R2", "second specimen of GB 11643", number("440524188001010014")),
    bad("R2", "last digit changed", number("990102201509060281")),
    bad("R2", "grandfather changed", record(guardian1_id_number="980101196001052111")),
    good("R3", "outer blanks and x", value("id_number", "  99010120130704019x ")),
    good("R3", "full width", value("id_number", "９９０１０１２０１４０３１２０１５７")),
    bad("R3", "inner blanks", value("id_number", "990101 20140312 0157")),
    bad("R3", "inner symbols", value("id_number", "990101-20140312-0157")),
    good("R4", "current division", number(P1)),
    good("R4", "abolished division", number("99010320140312015X")),
    bad("R4", "never existed", number("970101201403120153")),
    bad("R4", "zeros", number("000000201403120156")),
    good("R5", "leap day", number("980101201202290465")),
    good("R5", "real day", number(P1)),
    bad("R5", "29 February 2013", number("990101201302290157")),
    bad("R5", "future", number("990101202601010156"), "R5.future"),
    good("R6", "boy", record(birth_date="20140312")),
    good("R6", "girl", record(id_number=P2, birth_date="20150906")),
    bad("R6", "other day", record(birth_date="20140321")),
    bad("R6", "other month", record(id_number=P2, birth_date="20150609")),
    good("R7", "odd is a boy", record(sex="1")),
    good("R7", "even is a girl", record(id_number=P2, sex="2")),
    bad("R7", "odd and girl", record(sex="2")),
    bad("R7", "even and boy", record(id_number=P2, sex="1")),
    good("R8", "pupil", number("990101200911301371")),
    good("R8", "guardian", record(guardian1_id_number=FATHER)),
    bad("R8", "pupil with 15 digits", number("990101140312015")),
    bad("R8", "guardian with 15 digits", record(guardian1_id_number="990101860521033")),
    good("R9", "resident ID", value("id_doc_type", "1")),
    good("R9", "other", value("id_doc_type", "Z")),
    bad("R9", "officer card", value("id_doc_type", "2")),
    bad("R9", "household booklet", value("id_doc_type", "B")),
    good("R10", "type 1 with number", record()),
    good("R10", "type Z without", record(**NO_DOCUMENT)),
    bad("R10", "type 1 without", record(id_number="")),
    bad("R10", "type A without", record(**PASSPORT | {"id_number": ""})),
    good("R11", "father's number", record(CERTIFIED, **NO_DOCUMENT)),
    good(
        "R11",
        "grandfather's number",
        record(
            CERTIFIED,
            **NO_DOCUMENT | NO_PARENT_NUMBER | {"guardian2_id_doc_type": "1", "guardian2_id_number": GRANDFATHER},
        ),
    ),
    bad("R11", "no guardian number", record(CERTIFIED, **NO_DOCUMENT | NO_PARENT_NUMBER), "R11.guardian"),
    bad("R11", "no certificate", record(NOTHING_ON_FILE, **NO_DOCUMENT), "R11.certificate"),
    good("R12", "passport", record(**PASSPORT)),
    good("R12", "Taiwan permit", record(id_doc_type="8", id_number="00000001")),
    bad("R12", "blanks", record(**PASSPORT | {"id_number": "E 0000 0001"}), "R3"),
    bad("R12", "Chinese", record(id_doc_type="6", id_number="护照123")),
    good("R13", "Hong Kong", record(id_doc_type="6", id_number="K0000001", hmt_overseas="01")),
    good("R13", "foreigner", record(**PASSPORT)),
    warns("R13", "Hong Kong and Macau", record(id_doc_type="6", id_number="K0000001", hmt_overseas="03")),
    warns("R13", "Taiwan and foreigner", record(id_doc_type="8", id_number="00000001", hmt_overseas="51")),
    warns("R13", "passport and no", record(**PASSPORT | {"hmt_overseas": "00"})),
    good("R14", "resident ID", record(hmt_overseas="00")),
    good("R14", "passport", record(**PASSPORT)),
    bad("R14", "Hong Kong", record(hmt_overseas="01")),
    bad("R14", "foreigner", record(hmt_overseas="51")),
    good("R15", "China", record(nationality="CHN")),
    good("R15", "Korea", record(**PASSPORT)),
    bad("R15", "resident ID and Japan", record(nationality="JPN"), "R15.china"),
    bad("R15", "two letters", value("nationality", "CN")),
    good("R16", "Chinese", value("name", "林小试")),
    good("R16", "middle dot", value("name", "阿依试·买试提")),
    good("R16", "other dots become the middle dot", value("name", "阿依试•买试提")),
    bad("R16", "blank", value("name", "林 小试"), "R16.blank"),
    bad("R16", "digit", value("name", "林小试1")),
    bad("R16", "37 characters", value("name", "林" * 37), "R16.long"),
    bad("R16", "member with a digit", value("guardian1_name", "林大试1"), "R16.member"),
    good("R17", "code", value("sex", "1")),
    good("R17", "label", value("sex", "女")),
    bad("R17", "unknown", value("sex", "0")),
    bad("R17", "other word", value("sex", "男生")),
    good("R18", "code", value("ethnic_group", "01")),
    good("R18", "label", value("ethnic_group", "基诺族")),
    bad("R18", "57", value("ethnic_group", "57")),
    bad("R18", "short name", value("ethnic_group", "汉")),
    bad("R18", "extension that is off", value("ethnic_group", "穿青人")),
    good("R19", "G number", value("student_number", "G" + P1)),
    good("R19", "L number", value("student_number", TEMPORARY)),
    bad("R19", "no letter", value("student_number", P1)),
    bad("R19", "20 characters", value("student_number", "G9901012014031201571")),
    bad("R19", "other letter", value("student_number", "A" + P1), "R19.letter"),
    good("R20", "same number", record(student_number="G" + P1)),
    good("R20", "changed on file", record(CHANGED, id_number="990101201403120173")),
    bad("R20", "check digit", value("student_number", "G990101201403120151")),
    bad("R20", "other number", record(student_number="G" + P2), "R20.differs"),
    good("R21", "boy", record(**NO_DOCUMENT | {"student_number": "J990101201403120018"})),
    good("R21", "girl", value("student_number", "J990102201509060021")),
    bad("R21", "check digit", value("student_number", "J990101201403120011")),
    bad("R21", "resident ID", record(student_number="J990101201403120018"), "R21.type"),
    bad("R21", "no such day", value("student_number", "J990101201402300011"), "R21.date"),
    good("R22", "boy", value("student_number", TEMPORARY)),
    good("R22", "girl", value("student_number", "L990102201509060007")),
    bad("R22", "18 characters", value("student_number", "L99010120140312482")),
    bad("R22", "month 13", value("student_number", "L990101201413124821"), "R22.date"),
    good("R23", "clean", lambda: check_formal_number(True, False, False)),
    good("R23", "transfer finished", lambda: check_formal_number(True, False, transfer_open=False)),
    bad("R23", "problem open", lambda: check_formal_number(True, True, False), "R23.problem"),
    bad("R23", "transfer open", lambda: check_formal_number(True, False, True), "R23.transfer"),
    bad("R23", "not compared", lambda: check_formal_number(False, False, False), "R23.check"),
    good("R24", "two numbers", check_numbers("G" + P1, "G" + P2)),
    good("R24", "no numbers yet", check_numbers("", "")),
    bad("R24", "same number", check_numbers("G" + P1, "G" + P1)),
    bad("R24", "again further down", check_numbers("G" + P1, "G" + P2, "G" + P1)),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    example.verify()


def test_the_example_pupil_is_without_fault() -> None:
    assert record()() == []
    assert row()() == []
    assert record(**NO_SECOND | {"guardian2_relation_note": "单亲"})() == []


def test_a_name_of_one_rare_character_is_a_name() -> None:
    assert value("name", "𠮷")() == []
    assert value("name", "䶮")() == []


def test_one_fault_of_a_number_is_said_once() -> None:
    codes = [p.code for p in number("990101 20140312 0157")() if p.item == "id_number"]
    assert codes == ["R3"]


def test_examples_of_the_items_are_sound() -> None:
    assert all(value(item, ITEMS[item].example)() == [] for item in ITEMS if ITEMS[item].example)

"""R58-R64 and the rules for every text."""

import pytest

from portal.rules.checks import check_item
from tests.rules.examples import CONTEXT, Example, bad, good, record, value, warns

HOME = "试验一区和平小区3栋201"
LONG = "试验省试验市试验一区和平街道和平社区和平小区三期十二栋二单元二零一室"

EXAMPLES = [
    good("R58", "all the same", record(current_address=HOME, mailing_address=HOME, home_address=HOME)),
    good("R58", "a relative's", record(mailing_address="试验二区学府路8号")),
    bad("R58", "mailing address empty", record(mailing_address="")),
    bad("R58", "home address blanks", value("home_address", "　 ")),
    good("R59", "13 characters", value("current_address", HOME)),
    good("R59", "9 characters", value("current_address", "试验二区学府路8号")),
    good("R59", "26 characters", value("current_address", "和" * 26)),
    warns("R59", "27 characters", value("current_address", "和" * 27)),
    warns("R59", "33 characters", value("current_address", LONG)),
    bad("R59", "line break", value("current_address", "和平小区\n3栋"), "R59.line"),
    bad("R59", "181 characters", value("current_address", "和" * 181), "R59.long"),
    good("R60", "mobile", value("phone", "15400000001")),
    good("R60", "landline", value("phone", "010-00000000")),
    good("R60", "blanks and country code", value("phone", "+86 154 0000 0001")),
    good("R60", "area code in brackets", value("phone", "（0999）0000000")),
    bad("R60", "10 digits", value("phone", "1540000000"), "R60.mobile"),
    bad("R60", "no area code", value("phone", "00000000"), "R60.area"),
    bad("R60", "short", value("phone", "123")),
    good("R61", "one", value("postcode", "100000")),
    good("R61", "other", value("postcode", "430000")),
    bad("R61", "5 digits", value("postcode", "43000")),
    bad("R61", "letter", value("postcode", "43000A"), "R61.sign"),
    bad("R61", "7 digits", value("postcode", "4300000"), "R61.long"),
    good("R62", "e-mail", value("email", "a@example.org")),
    good("R62", "homepage", value("homepage", "https://example.org/p")),
    bad("R62", "half an address", value("email", "a@")),
    bad("R62", "ftp", value("homepage", "ftp://example.org"), "R62.web"),
    good("R63", "half", value("commute_distance_km", "0.5")),
    good("R63", "12", value("commute_distance_km", "12")),
    bad("R63", "negative", value("commute_distance_km", "-1"), "R63.range"),
    bad("R63", "two decimals", value("commute_distance_km", "1.55")),
    bad("R63", "201", value("commute_distance_km", "201"), "R63.range"),
    good("R64", "bus", record(commuting_mode="5", needs_school_bus="1")),
    good("R64", "on foot", record(commuting_mode="1", needs_school_bus="0")),
    warns("R64", "bus not needed", record(commuting_mode="5", needs_school_bus="0"), "R64.bus"),
    bad("R64", "6", value("commuting_mode", "6")),
    good("T1", "60 characters", value("guardian1_workplace", "厂" * 60)),
    bad("T1", "61 characters", value("guardian1_workplace", "厂" * 61)),
    bad("T2", "zero width inside", value("talent", "围\u200b棋")),
    bad("T2", "direction mark", value("current_address", "试验\u202e路")),
    bad("T2", "control character", value("guardian1_job_title", "职\x0b员")),
    bad("T2", "half a pair", value("talent", "围\ud800棋")),
    good("T5", "tone marks", value("name_pinyin", "Lín Xiǎoshì")),
    bad("T5", "Chinese", value("name_pinyin", "林 XIAOSHI")),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    example.verify()


@pytest.mark.parametrize("digits", ["٣٣٣٣٣٣", "²²²²²²", "१२३४५६"])
def test_other_digits_are_no_digits(digits: str) -> None:
    assert check_item("postcode", digits, CONTEXT)[0].code == "R61.sign"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "<script>", "{{7*7}}", "%s%n", "'; DROP TABLE--"])
def test_signs_of_other_languages_are_text(text: str) -> None:
    assert check_item("talent", text, CONTEXT) == []

"""R47-R57: attributes, health, support."""

import pytest

from portal.rules.checks import Choices, OnFile
from tests.rules.examples import PASSPORT, SENIOR, Example, bad, context, good, record, value, warns

NOTHING = context(OnFile(certificates=frozenset()))
FIRST = context(OnFile(first_collection=True))
ASKED = Choices(only_child_certificate=True)
COUNTY = context(school_division="990101")


def filed(*certificates: str, choices: Choices | None = None):
    """A context in which exactly these certificates are on file."""
    return context(OnFile(certificates=frozenset(certificates)), choices)


def of_age(birth_date: str, status: str):
    """A senior pupil born then, with that political status."""
    return record(**SENIOR | PASSPORT | {"birth_date": birth_date, "political_status": status})


EXAMPLES = [
    good("R47", "primary", record(political_status="13")),
    good("R47", "15 and youth league", of_age("20090601", "03")),
    good("R47", "18 and party", of_age("20070515", "01")),
    warns("R47", "primary and youth league", record(political_status="03"), "R47.primary"),
    warns("R47", "16 and party", of_age("20090101", "01"), "R47.age"),
    bad("R47", "no such status", value("political_status", "少先队员")),
    good("R48", "certificate", record(filed("DISABILITY_CERT"), health_status="50", disability_type="1")),
    good("R48", "healthy", record(NOTHING, health_status="10", disability_type="0")),
    bad("R48", "no kind", record(health_status="50", disability_type="0"), "R48.type"),
    bad("R48", "no certificate", record(NOTHING, health_status="50", disability_type="1"), "R48.certificate"),
    good("R49", "hearing", record(disability_type="2", inclusive_education="2")),
    good("R49", "special school", record(disability_type="5", inclusive_education="0")),
    bad("R49", "hearing and visual", record(disability_type="2", inclusive_education="1")),
    bad("R49", "none and intellectual", record(disability_type="0", inclusive_education="3")),
    good("R50", "code", value("household_type", "1")),
    good("R50", "label", value("household_type", "非农业户口")),
    good(
        "R50",
        "undivided where it is on",
        value("household_type", "居民户口", context(choices=Choices(enabled=frozenset({"household_type_undivided"})))),
    ),
    bad("R50", "4", value("household_type", "4")),
    bad("R50", "undivided where it is off", value("household_type", "3")),
    bad("R50", "empty", value("household_type", ""), "R51.type"),
    good("R51", "father's", record(household_type="1", household_place_code="990101000000")),
    good("R51", "grandmother's", record(household_type="2", household_place_code="990201000000")),
    bad("R51", "no place", record(household_place_code=""), "R51.place"),
    bad("R51", "no type", record(household_type=""), "R51.type"),
    good("R52", "code", value("orphan", "1")),
    good("R52", "label", value("orphan", "否")),
    bad("R52", "Y", value("orphan", "Y")),
    bad("R52", "empty", value("orphan", ""), "R76"),
    good("R53", "certificate", record(filed("AUTHORITY_CERT"), orphan="1")),
    good("R53", "no martyr's child", record(NOTHING, martyr_child="0")),
    bad("R53", "orphan", record(NOTHING, orphan="1")),
    bad("R53", "martyr's child", record(NOTHING, martyr_child="1")),
    good("R54", "migrant", record(left_behind="0", migrant_worker_child="1")),
    good("R54", "left behind", record(left_behind="2", migrant_worker_child="0")),
    bad("R54", "3", value("left_behind", "3")),
    warns("R54", "both", record(left_behind="2", migrant_worker_child="1"), "R54.both"),
    good("R55", "other county", record(COUNTY, migrant_worker_child="1", household_place_code="980101000000")),
    good("R55", "no migrant", record(COUNTY, migrant_worker_child="0", household_place_code="990101000000")),
    warns("R55", "same county", record(COUNTY, migrant_worker_child="1", household_place_code="990101000000")),
    warns("R55", "no household", record(COUNTY, migrant_worker_child="1", household_place_code=""), "R55.place"),
    good("R56", "first collection", record(FIRST, needs_aid="0", boarding_subsidy="0")),
    good("R56", "later round", record(needs_aid="1")),
    warns("R56", "first collection", record(FIRST, needs_aid="1")),
    bad("R56", "2", value("needs_aid", "2"), "R52"),
    good("R57", "setting off", record(NOTHING, only_child="1")),
    good("R57", "certificate", record(filed("ONLY_CHILD_CERT", choices=ASKED), only_child="1")),
    bad("R57", "no certificate", record(filed(choices=ASKED), only_child="1")),
    bad("R57", "empty", value("only_child", ""), "R76"),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    example.verify()


def test_certificates_are_not_missed_before_anybody_asked() -> None:
    assert record(health_status="50", disability_type="1", orphan="1", only_child="1")() == []

"""R26-R35: dates, months, divisions, school codes."""

import pytest

from tests.rules.examples import Example, bad, context, good, record, value, warns

OWN = context(own_school_code="2199000001")
OTHER = context(own_school_code="2199000002")

EXAMPLES = [
    good("R26", "day", value("birth_date", "20130901")),
    good("R26", "leap day", value("birth_date", "20160229")),
    bad("R26", "dashes", value("birth_date", "2013-09-01")),
    bad("R26", "31 September", value("birth_date", "20130931"), "R26.real"),
    good("R26", "today", value("birth_date", "20250515")),
    bad("R26", "tomorrow", value("birth_date", "20250516"), "R26.future"),
    good("R27", "2013", value("entry_year_month", "201309")),
    good("R27", "2020", value("entry_year_month", "202009")),
    bad("R27", "dot", value("entry_year_month", "2008.9")),
    bad("R27", "month 13", value("entry_year_month", "202013"), "R27.month"),
    good("R28", "September 2020", value("entry_year_month", "202009")),
    good("R28", "September 2019", value("entry_year_month", "201909")),
    warns("R28", "March", value("entry_year_month", "202003")),
    warns("R28", "October", value("entry_year_month", "202010")),
    good("R29", "past", value("id_valid_period", "20200101-20250101")),
    good("R29", "present", value("id_valid_period", "20240630-20290630")),
    bad("R29", "order", value("id_valid_period", "20250101-20200101"), "R29.order"),
    bad("R29", "dots", value("id_valid_period", "2020.01.01-2025.01.01")),
    good("R30", "county", value("birthplace_code", "420103000000")),
    good("R30", "other county", value("birthplace_code", "420102000000")),
    bad("R30", "6 digits", value("birthplace_code", "420103")),
    bad("R30", "11 digits", value("birthplace_code", "42010300000")),
    good("R31", "county", value("birthplace_code", "420104000000")),
    good("R31", "other county", value("birthplace_code", "420106000000")),
    bad("R31", "street", value("birthplace_code", "420103001002")),
    bad("R31", "one", value("birthplace_code", "420103000001")),
    good("R32", "trial county", value("birthplace_code", "990101000000")),
    good("R32", "abolished birthplace", value("birthplace_code", "990103000000")),
    bad("R32", "never existed", value("birthplace_code", "970101000000")),
    bad("R32", "zeros", value("birthplace_code", "000000000000")),
    warns("R32", "abolished household", value("household_place_code", "990103000000"), "R32.old"),
    good("R33", "county", value("birthplace_code", "420103000000")),
    good("R33", "prefecture without counties", value("birthplace_code", "441900000000")),
    good("R33", "Hong Kong", value("birthplace_code", "810000000000")),
    warns("R33", "prefecture", value("birthplace_code", "420100000000"), "R33.prefecture"),
    bad("R33", "province", value("birthplace_code", "420000000000"), "R33.province"),
    good("R34", "primary", value("school_code", "2199000001")),
    good("R34", "senior", value("school_code", "3499000004")),
    bad("R34", "9 digits", value("school_code", "219900001")),
    bad("R34", "category 99", value("school_code", "9999000001"), "R34.category"),
    bad("R34", "province 97", value("school_code", "2197000001"), "R34.province"),
    good("R35", "own code", value("school_code", "2199000001", OWN)),
    good("R35", "one row", record(OWN)),
    bad("R35", "row of another school", value("school_code", "2199000002", OWN)),
    bad("R35", "file of another school", record(OTHER)),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    example.verify()


def test_the_trial_divisions_are_off_by_default() -> None:
    from portal.rules.divisions import Divisions

    real = context(divisions=Divisions.standard())
    assert [p.code for p in value("birthplace_code", "990101000000", real)()] == ["R32"]

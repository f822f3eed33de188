"""R97-R109 as far as they are pure: codes, passwords, seats, key data, scope, counts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.rules.checks_round import (
    SEATS,
    check_account_open,
    check_counts,
    check_maintenance,
    check_seat_free,
)
from portal.rules.codes_printed import parse_download_code, parse_registration_code
from portal.rules.figures import Measure
from portal.rules.numbers import Mistyped
from portal.rules.passwords import check_new_password
from portal.rules.scope import cutoff_of, why_excluded
from tests.rules.examples import Example, bad, good, warns

OPENS = datetime(2025, 5, 1, tzinfo=UTC)
CLOSES = datetime(2025, 6, 1, tzinfo=UTC)
CUTOFF = date(2025, 3, 31)
REGISTRATION = "R84G7ZWYRD6Z1RVG"
DOWNLOAD = "D0WHE6M16"


def typed(parse, text: str):
    def check():
        try:
            parse(text)
        except Mistyped as slip:
            return [slip.problem]
        return []

    return check


def account(moment: datetime):
    return lambda: check_account_open(moment, OPENS, CLOSES)


def counts(issued: int, returned: int, entered: int):
    return lambda: check_counts(
        dict(zip((Measure.ISSUED, Measure.RETURNED, Measure.ENTERED), (issued, returned, entered), strict=True))
    )


def scope(status: str = "01", busy: bool = False, finished: date | None = None):
    return lambda: why_excluded(status, busy, CUTOFF, finished)


EXAMPLES = [
    good("R97", "own code", typed(parse_download_code, "d0wh-e6m1-6")),
    good("R97", "letters misread", typed(parse_download_code, "DOWH E6MI 6")),
    bad("R97", "one wrong symbol", typed(parse_download_code, "D0WHE6M17"), "R97.check"),
    bad("R97", "registration code", typed(parse_download_code, REGISTRATION), "R97.other"),
    bad("R97", "too short", typed(parse_download_code, "D0WH"), "R97.count"),
    bad("R97", "U", typed(parse_download_code, "D0WHE6MU6"), "R97.sign"),
    bad("R97", "other letter", typed(parse_download_code, "X0WHE6M16"), "R97.kind"),
    good("R98", "other password", lambda: check_new_password("gut-48-wolken-fern", is_staff=True)),
    good("R98", "Chinese sentence", lambda: check_new_password("春天来了柳树发芽小河唱歌", is_staff=True)),
    bad(
        "R98", "initial password", lambda: check_new_password("gut-48-wolken-fern", True, same_as_old=True), "R98.same"
    ),
    bad("R98", "common", lambda: check_new_password("password2025", is_staff=True), "R98.common"),
    bad("R98", "own name", lambda: check_new_password("我是林老师呀你好啊", False, ["林老师"]), "R98.own"),
    bad("R98", "129 characters", lambda: check_new_password("密" * 129, is_staff=True), "R98.long"),
    bad("R98", "short", lambda: check_new_password("gut-48", is_staff=True), "R98.short"),
    good("R99", "code of page 2", typed(parse_registration_code, REGISTRATION)),
    good("R99", "small letters in groups", typed(parse_registration_code, "r84g-7zwy rd6z-1rvg")),
    bad("R99", "download code", typed(parse_registration_code, DOWNLOAD), "R99.other"),
    bad("R99", "one wrong symbol", typed(parse_registration_code, "R84G7ZWYRD6Z1RVH"), "R99.check"),
    bad("R99", "too long", typed(parse_registration_code, "R" + "7" * 9999), "R99.count"),
    bad("R99", "Chinese", typed(parse_registration_code, "R注册码"), "R99.sign"),
    bad("R99", "other letter", typed(parse_registration_code, "784G7ZWYRD6Z1RVG"), "R99.kind"),
    good("R100", "20th", lambda: check_seat_free(19)),
    good("R100", "after one left", lambda: check_seat_free(SEATS - 1)),
    bad("R100", "21st", lambda: check_seat_free(20)),
    bad("R100", "25 inside", lambda: check_seat_free(25)),
    good("R101", "one minute before the end", account(CLOSES - timedelta(minutes=1))),
    good("R101", "first moment", account(OPENS)),
    bad("R101", "one second after the end", account(CLOSES + timedelta(seconds=1))),
    bad("R101", "the end itself", account(CLOSES)),
    bad("R101", "one second too early", account(OPENS - timedelta(seconds=1)), "R101.early"),
    bad("R101", "no window planned", lambda: check_account_open(OPENS, None, None), "R101.early"),
    good("R103", "phone", lambda: check_maintenance(["phone"])),
    good("R103", "all but key data", lambda: check_maintenance({"phone", "ethnic_group", "guardian1_name"})),
    bad("R103", "name", lambda: check_maintenance(["name", "phone"])),
    bad("R103", "sex", lambda: check_maintenance({"sex"})),
    good("R106", "on roll", scope()),
    good("R106", "on roll, last change long ago", scope(finished=date(2024, 9, 1))),
    bad("R106", "suspended", scope("02"), "R106.status"),
    bad("R106", "transfer in progress", scope(busy=True), "R106.business"),
    good("R107", "31 March", scope(finished=date(2025, 3, 31))),
    good("R107", "nothing ever", scope()),
    bad("R107", "1 April", scope(finished=date(2025, 4, 1))),
    bad("R107", "today", scope(finished=date(2025, 5, 15))),
    good("R109", "45 44 40", counts(45, 44, 40)),
    good("R109", "all the same", counts(45, 45, 45)),
    warns("R109", "40 44 40", counts(40, 44, 40), "R109.returned"),
    warns("R109", "45 40 44", counts(45, 40, 44), "R109.entered"),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    example.verify()


def test_r106_all_reasons_are_said() -> None:
    codes = [p.code for p in why_excluded("02", True, CUTOFF, date(2025, 4, 2))]
    assert codes == ["R106.status", "R106.business", "R107"]


def test_the_usual_cut_off_is_the_end_of_march() -> None:
    assert cutoff_of(2024) == CUTOFF


def test_r103_names_the_key_items_in_their_order() -> None:
    from portal.rules.items import ITEMS, KEY_DATA

    assert [p.item for p in check_maintenance(set(ITEMS))] == list(KEY_DATA)

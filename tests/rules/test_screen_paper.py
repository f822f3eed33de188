"""Screen against paper, item by item."""

from __future__ import annotations

import pytest

from portal.rules.screen_paper import LEFT_TO_PAPER, Differs, Told, compare, differs


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Told(), None),
        (Told(typed="1"), Differs.NOT_WRITTEN),
        (Told(typed=""), Differs.NOT_WRITTEN),
        (Told(typed="1", box="written"), None),
        (Told(typed="1", box="unsure"), Differs.UNCLEAR),
        (Told(typed="1", box="written", ticks=("1",), has_squares=True), None),
        (Told(typed="1", box="written", ticks=("0",), has_squares=True), Differs.OTHER_TICK),
        (Told(typed="1", box="written", ticks=("0",)), Differs.OTHER_TICK),
        (Told(typed="1", box="written", ticks=("0", "1"), has_squares=True), Differs.UNCLEAR),
        (Told(typed="1", box="written", has_squares=True), Differs.UNCLEAR),
        (Told(box="written"), None),
        (Told(box="written", begun=True), Differs.NOT_TYPED),
        (Told(box="written", begun=True, confirmed=True), Differs.SAID_RIGHT),
        (Told(box="unsure", confirmed=True), None),
        (Told(box="written", confirmed=True, asked=True), None),
        (Told(asked=True), None),
        (Told(begun=True, confirmed=True), None),
    ],
)
def test_one_item(told: Told, expected: Differs | None) -> None:
    assert differs(told) is expected


def test_what_is_left_to_the_paper_stays_in_sight_of_the_school() -> None:
    found = compare(
        {
            "phone": Told(typed="1", left="not_written"),
            "email": Told(typed="1", left="other_tick"),
            "postcode": Told(typed="1", box="written"),
            "orphan": Told(box="written", confirmed=True, left="said_right"),
        },
        signed=False,
    )
    assert list(found.differs) == ["phone", "email", "orphan"]
    assert found.open == {"email": Differs.NOT_WRITTEN}, "another disagreement than the one that was left"
    assert found.sentence("phone") == LEFT_TO_PAPER
    assert found.sentence("email") == Differs.NOT_WRITTEN.for_school
    assert found.sentence("orphan") == Differs.SAID_RIGHT.for_school
    assert found.sentence("postcode") is None


def test_every_kind_has_its_words() -> None:
    assert len({how.for_family for how in Differs}) == len(Differs)
    assert [how for how in Differs if how.for_school is None] == [Differs.NOT_TYPED]

"""The same photo sent again, also at the same moment (sec-R6): one row, one receipt."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.comparing import compare
from tests.faults.conftest import Tell
from tests.faults.phones import Phone, picture
from tests.faults.serving import Serving
from tests.faults.world import World

PHOTOS, TIMES = 100, 3

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]


def sent_again(world: World, fault: str) -> tuple[list[set[str]], set[int], int]:
    """Each photo three times at once and once more afterwards: the receipts of each, all statuses, and rows kept."""
    together, statuses = threading.Barrier(TIMES), set[int]()
    phones = [Phone(world) for _ in range(TIMES)]

    def one(phone: Phone, link: str, data: bytes) -> str:
        together.wait(30)
        status, told = phone.send(link, data)
        statuses.add(status)
        return told

    receipts = []
    with Serving(world, fault), ThreadPoolExecutor(TIMES) as threads:
        for turn in range(PHOTOS):
            link, data = world.links[turn % 40], picture(20_000)
            told = set(threads.map(lambda phone, link=link, data=data: one(phone, link, data), phones))
            receipts.append(told | {phones[0].send(link, data)[1]})
        for phone in phones:
            phone.close()
    return receipts, statuses, compare(world, []).rows


@pytest.mark.parametrize("fault", ["", "forgetful"])
def test_the_same_bytes_have_one_receipt(any_world: World, fault: str, tell: Tell) -> None:
    receipts, statuses, rows = sent_again(any_world, fault)
    several = sum(len(told) != 1 for told in receipts)
    tell(fault="again", on=any_world.database, server=fault, sent=PHOTOS * (TIMES + 1), rows=rows, several=several)
    assert (rows == PHOTOS and several == 0 and statuses == {201}) == (not fault)

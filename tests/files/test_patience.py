"""A store that is away is not asked by everybody again and again (sec-R9)."""

import threading

import pytest

from portal.files import StoreFailed
from portal.files.patience import AT_ONCE, PAUSE, Patience, StoreAway


def test_after_one_question_without_an_answer_nobody_asks_for_a_while() -> None:
    now, asked = [100.0], []
    patience = Patience(clock=lambda: now[0])

    def ask(answers: bool) -> None:
        with patience.asking():
            asked.append(now[0])
            if not answers:
                raise StoreAway("away")

    with pytest.raises(StoreAway):
        ask(answers=False)
    now[0] += PAUSE - 1
    with pytest.raises(StoreAway):
        ask(answers=True)
    now[0] += 2
    ask(answers=True)
    assert len(asked) == 2


def test_what_the_store_refuses_is_no_absence() -> None:
    patience = Patience(clock=lambda: 0.0)
    with pytest.raises(StoreFailed), patience.asking():
        raise StoreFailed("no such bucket")
    with patience.asking():
        pass


def test_threads_stay_free_while_the_store_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.files.patience.IN_LINE", 0.01)
    patience, go, inside = Patience(), threading.Event(), threading.Barrier(AT_ONCE + 1)

    def wait() -> None:
        with patience.asking():
            inside.wait(10)
            go.wait(10)

    threads = [threading.Thread(target=wait) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    inside.wait(10)
    with pytest.raises(StoreFailed, match="slow"), patience.asking():
        pass
    go.set()
    for thread in threads:
        thread.join()
    with patience.asking():
        pass

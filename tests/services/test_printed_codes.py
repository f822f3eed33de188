"""Registration codes: a selector that is taken is drawn again, whoever asks for the code."""

from __future__ import annotations

import random

import pytest

from portal.models import RegistrationCode, db
from portal.rules.codes_printed import new_registration_code
from portal.rules.workflow import SheetState
from portal.services import printed_codes
from tests.make import Make


def test_selector_that_is_taken_is_drawn_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [new_registration_code(random.Random(n)) for n in (1, 1, 2)]
    texts = iter(drawn)
    monkeypatch.setattr(printed_codes, "new_registration_code", lambda _random: next(texts))
    one, other = make.sheet(SheetState.ISSUED), make.sheet(SheetState.ISSUED)
    codes = [printed_codes.codes_for([sheet])[sheet.id] for sheet in (one, other)]
    db.session.commit()
    assert codes == [drawn[0], drawn[2]]
    assert db.session.query(RegistrationCode).count() == 2

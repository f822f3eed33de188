"""Act and step are one transaction: where the step cannot be written, nothing of the act stays (sec 7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from portal.models import Export, Step, User, Viewed, db
from portal.rules.exports import Kind, Purpose
from portal.rules.roles import Actor, Role
from portal.services import exports, history, viewing
from portal.services.exports import Wanted
from portal.services.setting_up import make_account
from tests.access.audited import no_steps
from tests.make import Make


def _export(make: Make, actor: Actor) -> Any:
    exports.ask(actor, Wanted(Kind.ROSTER, Purpose.CHECK, "开学前核对名单"))


def _account(make: Make, actor: Actor) -> Any:
    make_account(make.school(), "leader", "周试验")


def _view(make: Make, actor: Actor) -> Any:
    viewing.look(actor, make.pupil(), viewing.RECORD)


@pytest.mark.parametrize(("act", "model"), [(_export, Export), (_account, User), (_view, Viewed)])
def test_nothing_stays_without_its_step(make: Make, act: Callable[..., Any], model: Any) -> None:
    make.round()
    make.pupil()
    actor = make.actor(Role.REGISTRAR, make.school())
    before = len(list(db.session.scalars(select(model))))
    with no_steps(), pytest.raises(RuntimeError):
        act(make, actor)
    db.session.rollback()
    assert len(list(db.session.scalars(select(model)))) == before
    act(make, actor)
    assert len(list(db.session.scalars(select(model)))) == before + 1


def test_what_concerns_the_deployment_stands_at_the_top_and_waits_for_a_place(make: Make) -> None:
    assert history.record_deployment("BACKUP") is None
    province = make.school().path.split("/")[0]
    history.record_deployment("BACKUP", rows=3)
    db.session.commit()
    step = db.session.scalars(select(Step)).one()
    assert (step.path, step.details, step.by_id) == (f"{province}/", {"rows": 3}, None)

"""Children on the registration list are entered by the authority responsible for their school (L13, R122, R130)."""

from __future__ import annotations

import pytest

from portal.models import Place, RecordCheck, Unlisted, db
from portal.rules.clock import now
from portal.rules.findings import FindingCode, Registration
from portal.rules.roles import Role
from portal.services import findings_actions
from portal.services.refusals import NotFound
from tests.make import Make


def passed(make: Make, school: Place, name: str) -> Unlisted:
    """A child of a reported class whose registration has passed."""
    class_, user = make.class_(school), make.user(Role.TEACHER, make.class_(school))
    own = {"round_id": make.round().id, "school_id": school.id, "class_id": class_.id, "path": class_.path}
    child = Unlisted(code=FindingCode.NO_RECORD, result=Registration.PASSED, by_id=user.id, **own)
    child.person = {"name": name, "sex": "1", "birth_date": "20140312", "id_number": "", "from": "", "certificate": "1"}
    db.session.add_all([child, RecordCheck(reported_at=now(), **own)])
    db.session.commit()
    return child


def test_an_authority_enters_children_of_its_own_schools(make: Make) -> None:
    """R122: neither those of another county nor, above a county, those of the county's schools."""
    school = make.school()
    far = make.school("2199000003", "试验二区小学", make.county("990102", "试验二区教育局"))
    child = passed(make, school, "邱小试")
    passed(make, far, "秋小验")
    county, prefecture = (make.actor(Role.REGISTRAR, place) for place in (make.county(), make.prefecture()))
    assert [(at, one.unlisted_id) for at, one in findings_actions.to_enter(county)] == [(school.name, child.id)]
    assert findings_actions.to_enter(prefecture) == []
    with pytest.raises(NotFound):
        findings_actions.set_result(prefecture, child.id, Registration.ENTERED)
    assert child.result == Registration.PASSED
    findings_actions.set_result(county, child.id, Registration.ENTERED)
    assert child.result == Registration.ENTERED

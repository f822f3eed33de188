"""Changes at the desk in the demo, and a family that can read what came of what it wrote."""

from __future__ import annotations

from sqlalchemy import select

from portal.commands import demo_families
from portal.commands.demo_province import PASSWORD
from portal.models import Place, Sheet, db
from portal.rules.items import KEY_DATA
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import accounts, entry, maintenance

#: the mobile number of the family, which is its login
PHONE = "15400000003"


def add(school: Place) -> None:
    """On one sheet that the leader has passed the operator refuses the first item with a reason, puts the others that
    are no key data aside, and adds what was missing; a guardian of the child has an account."""
    query = select(Sheet).where(Sheet.school_id == school.id, Sheet.state == SheetState.PASSED).order_by(Sheet.path)
    sheet = next((one for one in db.session.scalars(query.order_by(Sheet.id)) if not one.registered), None)
    if sheet is None:
        return
    operator = accounts.actor_of(accounts.sign_in("operator", PASSWORD))
    assert operator is not None
    demo_families.claim(sheet.id, PHONE, "52")
    _refuse_first(operator, sheet)
    opened = maintenance.opened(operator, sheet.pupil_id)
    maintenance.save(operator, sheet.pupil_id, opened.version, {"email": "shiyan@example.org", "talent": "围棋"})


def _refuse_first(operator: Actor, sheet: Sheet) -> None:
    plain = [change for change in sheet.changes if change.outcome == "open" and change.item not in KEY_DATA]
    if plain:
        first = min(plain, key=lambda change: change.item)
        entry.refuse_value(operator, first.id, "写的字看不清，请再写一次，交给班主任。")

"""More of the gallery's world: exports in every state, with short and with very long words."""

from __future__ import annotations

from collections.abc import Callable

from portal.models import Export, Place, db
from portal.rules.clock import now
from portal.rules.exports import LIFE, Kind, Purpose, State
from portal.rules.roles import Actor
from portal.services import accounts, exports
from portal.services.exports import Wanted
from tests.house.gallery_world import World

WORDS = "五月体检，交社区医院"
LONG = (
    "按教育局要求给全体住校学生和走读学生统一办理学生平安保险和校方责任保险，"
    "名单由保险公司核对以后交还学校存档，一个月以后销毁"
)
REASON = "用途没有写清楚：哪家医院、谁来取。写清楚再申请。"


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    for login, words, tail in (("registrar", WORDS, ""), ("registrar-long", LONG, " long")):
        actor = _actor(world, login)
        class_ = db.session.get_one(Place, world.things["class" if not tail else "long class"])
        for state in State:
            wanted = Wanted(Kind.ROSTER, Purpose.SERVICE, words[:80], class_.id, bool(tail), words[:80])
            export = exports.ask(actor, wanted)
            _bring(world, export, state, tail)
            world.things[f"{state.value} export{tail}"] = export.id
    county = _actor(world, "county")
    asked = exports.ask(county, Wanted(Kind.ROSTER, Purpose.REPORT, "省里抽查，交市局", world.make.school().id))
    world.things["county's export"] = asked.id
    db.session.commit()


def _actor(world: World, login: str) -> Actor:
    found = accounts.actor_of(world.sign_in(login))
    assert found is not None
    return found


def _bring(world: World, export: Export, state: State, tail: str) -> None:
    """Into a state, as if all before had been done; no file is made for pictures."""
    leader = world.people[f"leader{'-long' if tail else ''}"]
    if state not in (State.ASKED, State.WITHDRAWN):
        export.decided_by_id, export.decided_at, export.ends_at = leader.id, now(), now() + LIFE
    if state == State.REFUSED:
        export.reason = REASON
    if state in (State.BUILT, State.FETCHED):
        export.built_at, export.rows, export.digest = now(), 43, bytes(32)
        export.password = "k7pm-3xqd-w9ht" if state == State.BUILT else None
        export.fetched_at = now() if state == State.FETCHED else None
    export.state = state
    db.session.commit()


def screens(screen: Callable[..., None]) -> None:
    """The rows of this module in the table of all screens."""
    screen("staff.exports", "registrar leader county prefecture province registrar-long leader-long registrar-empty")
    screen("staff.exports_new", "registrar county prefecture province registrar-long")
    screen("staff.exports_new", "registrar", "registration list", query="kind=registration")
    nothing = {"press": "main form .button.main", "status": 400}
    screen("staff.exports_new", "registrar", "nothing said", **nothing)
    for state in State:
        screen("staff.export", "registrar", state.value, export_id=f"{state.value} export")
    screen("staff.export", "leader", "to decide", export_id="asked export")
    screen("staff.export", "leader-long", "to decide", export_id="asked export long")
    screen("staff.export", "county prefecture", export_id="county's export")
    screen("staff.export", "province", export_id="county's export", status=404)
    screen("staff.export", "leader", "no reason", export_id="asked export", press="form .button.refuse", status=400)
    screen("staff.export", "registrar-long", "long", export_id="built export long")
    screen("staff.export", "registrar", "password", export_id="built export", press="#export form .button.main")

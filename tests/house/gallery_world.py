"""The made-up world of the screen gallery: one of everything, in an ordinary place, in one with the longest words there
are, and in one where nothing has begun. Things are known by a name (`world.things["checked"]`), people by a login.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import select

from portal.models import Leaf, Place, PrintRun, Pupil, Sheet, SignIn, Switch, User, db
from portal.rules.clock import now
from portal.rules.roles import Level, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, printed_codes, rosters, sign_ins, unlocking
from portal.services.figures import fold_all
from portal.services.readings import new_change
from tests import roster_files
from tests.house.gallery import sample_paper
from tests.make import Make
from tests.photographs import arrive, jpeg, leaf_of, link_of

WORKED_ON = (("to-pass", SheetState.CHECKED), ("to-enter", SheetState.PASSED), ("to-verify", SheetState.ENTERED))
TAILS = (("", ""), ("long ", "-long"))
LONG_COUNTY = "试验哈萨克蒙古族自治县教育体育和科学技术局"
LONG_SCHOOL = "试验哈萨克蒙古族自治县阿拉哈力于孜镇民族团结九年一贯制寄宿学校第二校区"
LONG_CLASS = "小学六年级蒙汉双语教学实验（16）班"
LONG_NAMES = ("阿卜杜热依木·麦麦提艾力·吐尔逊江", "欧阳司徒慕容端木", "Maria Alexandra Fernandez de la Cruz")
LONG_ADDRESS = "试验省试验哈萨克蒙古族自治县阿拉哈力于孜镇民族团结路一百二十八号院第十六栋三单元一千二百零一室东侧"


@dataclass
class World:
    """`things`: name -> id or text for an address; `people` by login; `session`: what a family's browser knows."""

    make: Make
    things: dict[str, Any] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=lambda: {"sent": [], "codes": {}})

    def sign_in(self, login: str) -> str:
        """The token of a sign-in, without the work of a password."""
        user, token = db.session.merge(self.people[login]), secrets.token_urlsafe(24)
        row = SignIn(token_hash=sign_ins.hash_of(token), user_id=user.id, post_id=user.posts[0].id, epoch=user.epoch)
        row.proven_at = now()
        db.session.add(row)
        db.session.commit()
        return token


def build(make: Make) -> World:
    """All of it, in an empty database."""
    world = World(make)
    make.round()
    for switch in Switch:
        make.window(switch=switch)
        make.window(make.province(), switch, closes=now() + timedelta(days=30))
    _people(world, "", make.school(), make.class_())
    _sheets(world, make.class_())
    _papers(world)
    _long(world)
    _empty(world)
    _runs_and_imports(world)
    fold_all()
    db.session.commit()
    return world


def _person(world: World, login: str, role: Role, place: Place, name: str = "王管籍", new: bool = False) -> None:
    if not world.people:
        world.make.user(role, place, login, name)
        world.people[login] = db.session.scalar(select(User).where(User.login == login))
        return
    known = next(iter(world.people.values()))
    user = User(home_id=place.id, login=login, password_hash=known.password_hash, must_change=new)
    user.home, user.name = place, name
    db.session.add(user)
    db.session.commit()
    world.make.post(user, role, place)
    world.people[login] = user


def _people(world: World, tail: str, school: Place, class_: Place, name: str = "王管籍") -> None:
    """Everybody from the class up to the province; `tail` ends their logins."""
    for role in (Role.REGISTRAR, Role.LEADER, Role.OPERATOR):
        _person(world, f"{role.value.lower()}{tail}", role, school, name)
    _person(world, f"teacher{tail}", Role.TEACHER, class_, name)
    place = school.parent
    while place is not None:
        _person(world, f"{place.level}{tail}", Role.REGISTRAR, place, name)
        place = place.parent


def _sheets(world: World, class_: Place) -> None:
    """A class with a sheet in every state, and photos with every answer."""
    make = world.make
    for state in SheetState:
        keep(world, state.value.lower(), make.sheet(state, make.pupil(class_)))
    answers: dict[str, dict[str, Any]] = {
        "read": {"written": ("phone", "address", "postcode")},
        "unsigned": {"signed": False},
        "glare": {"verdict": "retake", "reasons": ("glare.signature", "corner.bottom_left")},
        "strange": {"nobodys": True, "page": None, "verdict": "unknown", "reasons": ("few_marks",)},
        "back": {"page": 2, "verdict": "unknown", "reasons": ("back_page",)},
    }
    for name, facts in answers.items():
        sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
        photographed(world, name, sheet, **facts)
    for name, state in WORKED_ON:
        _worked_on(world, name, state, make.pupil(class_))
    back = make.sheet(SheetState.ISSUED, make.pupil(class_), sent_back=True)
    photographed(world, "sent-back", back, signed=False)


def keep(world: World, name: str, sheet: Sheet) -> None:
    world.things[name] = sheet.id
    world.things[f"{name} pupil"] = sheet.pupil_id


def photographed(world: World, name: str, sheet: Sheet, **facts: Any) -> None:
    leaf = leaf_of(sheet)
    nobodys = facts.pop("nobodys", False)
    crops = {item: _handwriting(n) for n, item in enumerate(facts.get("written", ()))}
    photo = arrive(sheet, None if nobodys else leaf, flat_jpeg=_paper(), crops=crops, **facts)
    keep(world, name, sheet)
    world.things |= {f"{name} photo": photo.id, f"{name} receipt": photo.receipt, f"{name} key": link_of(leaf)}
    world.session["sent"].append(photo.receipt)


def _paper() -> bytes:
    """A page with lines on it, unlike every other."""
    out = io.BytesIO()
    Image.open(io.BytesIO(sample_paper())).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue() + jpeg()[-4:]


def _handwriting(n: int) -> bytes:
    """A few strokes in blue ink."""
    out, image = io.BytesIO(), Image.new("RGB", (240, 56), "#fdfbf6")
    line = [(16 + 12 * step, 28 + (17 * step * (n + 3) % 29) - 14) for step in range(18)]
    ImageDraw.Draw(image).line(line, fill="#1d3f7a", width=3, joint="curve")
    image.save(out, "JPEG", quality=70)
    return out.getvalue() + jpeg()[-4:]


def _worked_on(world: World, name: str, state: SheetState, pupil: Pupil) -> Sheet:
    """A sheet with a photo and changes, brought to a state."""
    sheet = world.make.sheet(SheetState.ISSUED, pupil)
    photographed(world, name, sheet, written=("phone", "address", "id_number"))
    sheet.state = state
    change = new_change(sheet, "ethnic_group") if not sheet.changes else sheet.changes[0]
    if state == SheetState.ENTERED:
        for n, row in enumerate(sheet.changes):
            row.outcome = ("accepted", "refused", "applied_for")[n % 3]
            row.reason = "户口簿照片上不是这个号码。" if row.outcome == "refused" else None
    db.session.commit()
    world.things[f"{name} change"] = change.id
    return sheet


def _papers(world: World) -> None:
    """Papers that families hold: open, closed for each reason, printed anew."""
    make, code = world.make, None
    for name, state, columns in (
        ("fresh", SheetState.ISSUED, {}),
        ("not handed out", SheetState.PRINTED, {}),
        ("not expected", SheetState.ISSUED, {"in_scope": False, "exclusion": "left"}),
        ("done", SheetState.VERIFIED, {}),
    ):
        sheet = make.sheet(state, make.pupil(), **columns)
        keep(world, name, sheet)
        world.things[f"{name} key"] = link_of(leaf_of(sheet))
        code = code or printed_codes.make_code(sheet)
    assert code is not None
    world.things["code"], world.session["codes"] = code.code, {"c0dec0de": code.selector}
    world.things["handle"] = "c0dec0de"
    sheet = make.sheet(SheetState.ISSUED, make.pupil())
    old, new = leaf_of(sheet), leaf_of(sheet)
    old.superseded_by = new.number
    revoked = leaf_of(make.sheet(SheetState.ISSUED, make.pupil()))
    revoked.revoked_at = now()
    db.session.commit()
    world.things |= {"superseded key": link_of(old), "revoked key": link_of(revoked)}


def _long(world: World) -> None:
    """The longest words there are, everywhere at once."""
    make = world.make
    county = make.county("990199", LONG_COUNTY)
    school = make.school("2199000099", LONG_SCHOOL, county)
    class_ = make.class_(school, "2020116", LONG_CLASS)
    _people(world, "-long", school, class_, LONG_NAMES[0])
    for n, state in enumerate(SheetState):
        pupil = make.pupil(class_, name=LONG_NAMES[n % 3], address=LONG_ADDRESS, class_seat_number=str(n + 1))
        keep(world, f"long {state.value.lower()}", make.sheet(state, pupil))
    for name, state in (("read", SheetState.RECEIVED), *WORKED_ON):
        pupil = make.pupil(class_, name=LONG_NAMES[0], address=LONG_ADDRESS)
        _worked_on(world, f"long {name}", state, pupil)
    world.things |= {"long class": class_.id, "long school": school.id, "long county": county.id}


def _empty(world: World) -> None:
    """A school before its first roster; a province without a round; a person with a first password."""
    make = world.make
    school = make.school("2199000077", "试验市新办小学")
    _people(world, "-empty", school, make.class_(school, "2025101", "一年级（1）班"))
    far = make.place(Level.PROVINCE, "980000", "空白省教育厅")
    near = make.place(Level.PREFECTURE, "980100", "空白市教育局", far)
    quiet = make.place(Level.SCHOOL, "2198000001", "空白市第一小学", near)
    _people(world, "-no-round", quiet, make.class_(quiet, "2025101", "一年级（1）班"))
    _person(world, "teacher-new", Role.TEACHER, make.class_(school, "2025102", "一年级（2）班"), new=True)
    world.things |= {"class": make.class_().id, "school": make.school().id, "county": make.county().id}
    world.things |= {"prefecture": make.prefecture().id, "province": make.province().id}
    world.things |= {"open prefecture": make.prefecture().id.hex, "open county": make.county().id.hex}
    world.things |= {"empty class": make.class_(school, "2025101").id, "quiet class": make.class_(quiet, "2025101").id}
    world.things |= {f"{tail}teacher user": world.people[f"teacher{login}"].id for tail, login in TAILS}


def _runs_and_imports(world: World) -> None:
    """A school that is unlocked, with print runs in their states and roster files looked at."""
    make, school = world.make, world.make.school()
    registrar = accounts.actor_of(world.sign_in("registrar"))
    other = accounts.actor_of(world.sign_in("registrar"))
    assert registrar is not None
    assert other is not None
    unlocking.enter_code(other, unlocking.show_code(registrar))
    base = {"round_id": make.round().id, "school_id": school.id, "path": school.path, "by_id": registrar.user_id}
    for n, (state, sheets) in enumerate((("done", 45), ("queued", 2000), ("cancelled", 0), ("asking", 45)), start=9001):
        run = PrintRun(number=n, selection={"classes": [str(make.class_().id)], "sheets": []}, sheets=sheets, **base)
        run.state = state
        db.session.add(run)
        db.session.commit()
        world.things[f"{state} run"] = run.id
    _leaves_and_findings(world)
    for name, people in _rosters():
        found = rosters.preview(registrar, f"花名册-{name}.xlsx", roster_files.xlsx(roster_files.table(people)))
        world.things[f"{name} import"] = found.id
        if name == "good":
            rosters.confirm(registrar, found.id)


def _leaves_and_findings(world: World) -> None:
    """A run whose leaves have fared in every way, and one that waits because of what it cannot print whole."""
    things = world.things
    sheets = [db.session.get_one(Sheet, things[name]) for name in ("read", "fresh", "to-pass", "glare", "expected")]
    for n, sheet in enumerate(sheets):
        leaf = Leaf(number=900 + n, sheet_id=sheet.id, run_id=things["done run"], layout_version=1)
        leaf.superseded_by = sheet.leaf_number if n % 2 else None
        leaf.revoked_at = now() if n == 2 else None
        db.session.add(leaf)
    asking = db.session.get_one(PrintRun, things["asking run"])
    first, second = (sheet.id.hex for sheet in sheets[:2])
    asking.report = {
        "cut": [[first, "home_address"], [second, "guardian1_workplace"]],
        "missing_glyphs": [[second, "name", "\U0002aed0\ue863"]],
    }
    db.session.commit()


def _rosters() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield "good", roster_files.records(5)
    faulty = roster_files.records(5)
    faulty[1]["postcode"], faulty[2]["id_number"], faulty[3]["name"] = "1", "99010120150101999X", ""
    yield "faulty", faulty

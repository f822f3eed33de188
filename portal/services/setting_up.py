"""The first day of a province: its places, the first people, a round. Each verb stores all or nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Round, User, db
from portal.rules.access import ALLOWED, anybody
from portal.rules.places import child_path
from portal.rules.roles import Actor, Level, Role
from portal.rules.words import N_
from portal.services import accounts, naming, rounds, seats, second_step, separation, sheets
from portal.services.history import record
from portal.services.place_rows import LEVELS, BadRows, PlaceRow, check_parent, check_row
from portal.services.refusals import NotFound, Refusal

KINDS = ("full", "new")
LONGEST_TITLE = 60
_AT_ONCE = 500
_MOVES = {"made": "MAKE_PLACE", "updated": "CHANGE_PLACE"}
_NO_ID = UUID(int=0)


def put_places(rows: list[PlaceRow]) -> Counter[str]:
    """Make what is missing and bring name, telephone and stages of the others up to date; nothing is ever moved.

    A blank telephone or stages leaves what is stored. Rows may stand in any order. Returns how many are "made",
    "updated" and "unchanged". Raises `BadRows` with every row that is wrong. Commits.
    """
    places = _stored([code for row in rows for code in (row.code, row.parent_code)])
    done: list[tuple[str, Place]] = []
    faults: list[tuple[int, Refusal]] = []
    seen: dict[str, int] = {}
    bad: set[str] = set()
    for row in sorted(rows, key=_from_the_top):
        if row.parent_code in bad:  # the row of the parent says what is wrong
            bad.add(row.code)
            continue
        try:
            first = seen.setdefault(row.code, row.number)
            if first != row.number:
                raise Refusal(N_("代码 %(code)s 在第 %(row)s 行已经有了。"), code=row.code, row=first)
            done.append(_put(row, places))
        except Refusal as fault:
            faults.append((row.number, fault))
            bad.add(row.code)
    if faults:
        db.session.rollback()
        raise BadRows(sorted(faults, key=lambda fault: fault[0]))
    db.session.flush()  # steps point to places that must be there first
    for what, place in done:
        if what in _MOVES:
            record(None, place, _MOVES[what], place.id)
    db.session.commit()
    return Counter(what for what, _ in done)


def _from_the_top(row: PlaceRow) -> int:
    return LEVELS.index(Level(row.level)) if row.level in LEVELS else len(LEVELS)


def _stored(codes: list[str]) -> dict[str, Place]:
    """Places by code, asked for in pieces: a statement takes only so many values."""
    wanted = sorted(set(codes))
    found: dict[str, Place] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        query = select(Place).where(Place.code.in_(part), Place.level.in_(LEVELS))
        found |= {place.code: place for place in db.session.scalars(query)}
    return found


def _put(row: PlaceRow, places: dict[str, Place]) -> tuple[str, Place]:
    check_row(row)
    parent, place = places.get(row.parent_code), places.get(row.code)
    check_parent(row, parent.level if parent else None)
    stages = "".join(sorted(row.stages))
    if place is None:
        path = child_path(parent.path if parent else "", row.code)
        place = Place(level=Level(row.level), code=row.code, name=row.name, path=path, phone=row.phone, stages=stages)
        place.parent_id = parent.id if parent else None
        places[row.code] = place
        db.session.add(place)
        return "made", place
    if place.parent_id != (parent.id if parent else None):
        raise Refusal(N_("%(code)s 已经在别的上级下面，不能这样移过去。"), code=row.code)
    before = (place.name, place.phone, place.stages)
    place.name, place.phone, place.stages = row.name, row.phone or place.phone, stages or place.stages
    if before == (place.name, place.phone, place.stages):
        return "unchanged", place
    return "updated", place


def place_coded(code: str) -> Place:
    """An authority by its division code or a school by its code; raises `NotFound`."""
    if not (code.isascii() and code.isalnum()):
        raise NotFound
    place = db.session.scalar(select(Place).where(Place.code == code, Place.level.in_(LEVELS)))
    if place is None:
        raise NotFound
    return place


def roles_at(level: Level) -> tuple[Role, ...]:
    """The roles of staff that the map of access lets do anything at this level, beyond what everybody may."""
    clauses = [clause for clause in ALLOWED.values() if clause is not anybody]
    actors = (Actor(None, None, role, level, _NO_ID, "", "", "") for role in Role if role != Role.PARENT)
    return tuple(actor.role for actor in actors if any(clause(actor) for clause in clauses))


def make_account(place: Place, role: str, name: str, login: str | None = None) -> tuple[User, str]:
    """A person with one post at an authority or school, and the first password, which is kept nowhere (B4, C2).

    Without `login` it is the place's code and the role. Class teachers are named by their school. Commits.
    """
    offered = {r.value.lower(): r for r in roles_at(Level(place.level))}
    if role.lower() not in offered:
        raise Refusal(N_("%(place)s 的账号只有这几种角色：%(roles)s。"), place=place.name, roles=", ".join(offered))
    if offered[role.lower()] == Role.OPERATOR:
        seats.require_room(place)
    wanted = naming.real_name(name)
    separation.require_another_person(place, offered[role.lower()], wanted)
    stem = f"{place.code}-{role}".lower()
    chosen = naming.free_login([stem]) if login is None else naming.own_login(login)
    user = accounts.make_user(place, chosen, wanted, offered[role.lower()], place)
    password: str = user.first_password
    user.first_password = None  # whoever made the account hands it over now; a later slip would be a second copy
    record(None, user, "MAKE_LOGIN", place.id, path=place.path)
    db.session.commit()
    return user, password


def reset(login: str, of_second: bool) -> tuple[User, str | None]:
    """Help from the machine for whom nobody above can help: a first password, which is kept nowhere, or the second step
    taken away; every sign-in ends. Raises `Refusal` for a login that is no member of staff. Commits."""
    user = db.session.scalar(select(User).where(User.login == login.strip().lower(), User.ended_at.is_(None)))
    post = next((post for post in user.posts if post.role != Role.PARENT), None) if user else None
    if user is None or post is None:
        raise Refusal(N_("没有这个账号，或者已经停用：%(login)s。"), login=login)
    password = None
    if of_second:
        second_step.clear(user)
        user.epoch += 1
    else:
        accounts.give_first_password(user)
        password, user.first_password = user.first_password, None
    record(None, user, "RESET_SECOND" if of_second else "RESET_LOGIN", user.home_id, path=post.path)
    db.session.commit()
    return user, password


def begin_round(
    province: Place, title: str, begins: date, ends: date, kind: str = "full", cut_off: date | None = None
) -> tuple[Round, int]:
    """Open a round and expect the sheets of all pupils that are there already; returns how many are in scope (F5).

    Refuses a round of the same province that shares a day with another one. Commits.
    """
    if province.level != Level.PROVINCE:
        raise Refusal(N_("一轮核查是全省的，请给省的代码。"))
    wanted = " ".join(title.split())
    if not wanted or len(wanted) > LONGEST_TITLE or not wanted.isprintable():
        raise Refusal(N_("标题要填，最多 %(n)s 个字。"), n=LONGEST_TITLE)
    if kind not in KINDS:
        raise Refusal(N_("kind 要填 full 或 new，这里是“%(found)s”。"), found=kind)
    db.session.scalar(select(Place.id).where(Place.id == province.id).with_for_update())  # one at a time
    other = db.session.scalar(
        select(Round).where(Round.province_id == province.id, Round.begins <= ends, Round.ends >= begins)
    )
    if other is not None:
        values = {"title": other.title, "begins": other.begins.isoformat(), "ends": other.ends.isoformat()}
        raise Refusal(N_("和“%(title)s”（%(begins)s 至 %(ends)s）的时间重叠。"), **values)
    made = rounds.open_round(province, wanted, begins, ends, kind, cut_off)
    record(None, made, "OPEN_ROUND", province.id)
    in_scope = 0
    for school in sheets.schools_below(province.path):
        in_scope += sheets.expect(made, school.id)
        db.session.flush()
    db.session.commit()
    return made, in_scope

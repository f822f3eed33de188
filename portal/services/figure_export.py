"""Taking figures along as a workbook: with a purpose, marked with who and when, written down (sec-A35, sec-A36).

There is nothing of a single person in it: names of places and numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.keys.sealing import random_id
from portal.models import Figure, Place, Round, db
from portal.rules.clock import local, now
from portal.rules.figures import MEASURES
from portal.rules.places import ancestors, area_name
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import figure_tree
from portal.services.figure_workbook import Mark, Table, clean, write
from portal.services.history import record
from portal.services.lists import inside, round_of
from portal.services.refusals import Refusal

SHORTEST, LONGEST = 4, 80
#: more rows than this take too long while somebody waits
MOST_ROWS = 40_000
Translate = Callable[[str], str]
Rows = list[tuple[Sequence[str], Sequence[int]]]


class Scope(StrEnum):
    """Which rows: those that are open on the page, all schools, all classes."""

    OPENED = "opened"
    SCHOOLS = "schools"
    CLASSES = "classes"

    @property
    def label(self) -> str:
        return _SCOPE_WORDS[self]


_SCOPE_WORDS = {Scope.OPENED: N_("页面上打开的这些行"), Scope.SCHOOLS: N_("所有学校"), Scope.CLASSES: N_("所有班级")}
_DIRECT = {Level.PROVINCE: N_("省直属学校"), Level.PREFECTURE: N_("市直属学校")}


@dataclass(frozen=True)
class Wanted:
    """What to export and what for."""

    scope: Scope
    purpose: str
    opened: frozenset[str] = frozenset()


def scopes_of(actor: Actor) -> list[Scope]:
    """What there is to choose; a school has no schools below it."""
    return [Scope.OPENED, Scope.CLASSES] if actor.level == Level.SCHOOL else list(Scope)


def export(actor: Actor, wanted: Wanted, translate: Translate) -> tuple[str, bytes]:
    """(file name, .xlsx). Refused without a purpose of at least four characters. Commits the step.

    `translate` is the gettext function of the reader's language.
    """
    purpose = _purpose(wanted.purpose)
    found, place, moment = round_of(actor), db.session.get_one(Place, actor.place_id), now()
    texts, rows = _rows(actor, found, wanted)
    number = random_id().hex[:8].upper()
    at = f"{local(moment):%Y-%m-%d %H:%M}"
    mark = Mark(
        title=f"{place.name} {found.title}",
        taken=translate(N_("%(who)s %(at)s 导出，第 %(number)s 号")) % {"who": actor.name, "at": at, "number": number},
        purpose=translate(N_("用途：%(purpose)s")) % {"purpose": purpose},
        note=translate(N_("只有各地各校的人数，没有个人信息。请只按上面的用途使用。")),
        number=number,
    )
    heads = [translate(head) for head in texts]
    content = write(
        mark, Table(translate(N_("数字")), heads, [translate(m.label) for m in MEASURES], rows), local(moment)
    )
    told: dict[str, Any] = {"scope": wanted.scope.value, "rows": len(rows), "number": number}
    told["sha256"] = hashlib.sha256(content).hexdigest()
    record(actor, place, "EXPORT_FIGURES", place.id, reason=purpose, **told)
    db.session.commit()
    return f"{place.code}-{local(moment):%Y%m%d-%H%M}.xlsx", content


def _purpose(text: str) -> str:
    purpose = " ".join(clean(text).split())
    if len(purpose) < SHORTEST:
        raise Refusal(N_("请写一句用途，例如“五月进度会用”。没有用途不能导出。"))
    if len(purpose) > LONGEST:
        raise Refusal(N_("用途请写在 %(n)s 个字以内。"), n=LONGEST)
    return purpose


def _rows(actor: Actor, found: Round, wanted: Wanted) -> tuple[list[str], Rows]:
    if wanted.scope not in scopes_of(actor):
        raise Refusal(N_("请选要导出哪些行。"))
    if wanted.scope == Scope.OPENED:
        return [N_("地区和学校"), N_("代码")], _opened(actor, found, wanted.opened)
    by_class = wanted.scope == Scope.CLASSES
    _refuse_too_many(actor, Level.CLASS if by_class else Level.SCHOOL)
    heads = [N_("地区"), N_("学校代码"), N_("学校"), *([N_("班号"), N_("班级")] if by_class else [])]
    return heads, _flat(actor, found, by_class)


def _refuse_too_many(actor: Actor, level: Level) -> None:
    query = select(func.count()).select_from(Place).where(Place.level == level, inside(Place.path, actor))
    if (db.session.scalar(query) or 0) > MOST_ROWS:
        raise Refusal(N_("一次最多导出 %(n)s 行。请改选“所有学校”，或者请下一级各自导出。"), n=f"{MOST_ROWS:,}")


def _opened(actor: Actor, found: Round, opened: frozenset[str]) -> Rows:
    rows: Rows = []
    for row in figure_tree.tree(actor, found, set(opened)):
        name = _DIRECT[row.level] if row.is_direct_group else row.name
        texts = ["\u3000" * row.depth + name, row.key.removesuffix(figure_tree.DIRECT)]
        rows.append((texts, row.numbers))
    return rows


def _flat(actor: Actor, found: Round, by_class: bool) -> Rows:
    """All schools or classes of the actor's place in order of their codes, also those in which nobody is expected."""
    school, class_ = aliased(Place), aliased(Place)
    sums = [func.coalesce(func.sum(getattr(Figure, m.value)), 0) for m in MEASURES]
    own = [school.path, school.code, school.name, *([class_.code, class_.name] if by_class else [])]
    query = (
        select(*own, *sums)
        .select_from(school)
        .join(class_, class_.parent_id == school.id, isouter=not by_class)
        .outerjoin(Figure, (Figure.place_id == class_.id) & (Figure.round_id == found.id))
        .where(school.level == Level.SCHOOL, inside(school.path, actor))
        .group_by(*own, *([class_.path] if by_class else []))
        .order_by(class_.path if by_class else school.path)
    )
    areas, width = _areas(actor), len(own)
    return [([_area(areas, row[0]), *row[1:width]], [int(n) for n in row[width:]]) for row in db.session.execute(query)]


def _areas(actor: Actor) -> dict[str, str]:
    levels = (Level.PREFECTURE, Level.COUNTY, Level.PROVINCE)
    query = select(Place.path, Place.name).where(Place.level.in_(levels))
    return {path: area_name(name) for path, name in db.session.execute(query)}


def _area(areas: dict[str, str], path: str) -> str:
    """The prefecture and county of a school; the province when it runs the school itself."""
    names = [areas[above] for above in ancestors(path)[:-1] if above in areas]
    return " ".join(names[1:] or names)

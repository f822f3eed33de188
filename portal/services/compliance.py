"""The yearly evidence of how the data of minors were handled (minors' regulation art. 37): counted from what is kept.

No name, number or telephone is in it: counts, dates, codes of places, the purposes that staff wrote (without numbers).
Each row is a code, its words (message id) and a number or a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.models import (
    Application,
    Consent,
    DataKey,
    Export,
    Guardianship,
    Place,
    Post,
    Round,
    Sheet,
    SignIn,
    Step,
    Ticket,
    Try,
    User,
    Viewed,
    db,
)
from portal.rules.applications import ApplicationState
from portal.rules.clock import day_start, local, now
from portal.rules.log_lines import without_numbers
from portal.rules.roles import Actor, Level, Role
from portal.rules.step_words import MOVES, Kind
from portal.rules.words import N_
from portal.services import second_required
from portal.services.audit_results import VERIFY
from portal.services.shredding import is_gone

FORM = "portal compliance report, form 1"
#: logs are kept for at least so many days (cyber security law)
LEAST_DAYS = 183

Value = int | str
Rows = list[tuple[str, str, Value]]


@dataclass(frozen=True)
class Section:
    """One part of the report; `code` and the codes of its rows are stable, `title` and words are message ids."""

    code: str
    title: str
    rows: Rows

    @property
    def values(self) -> dict[str, Value]:
        return {code: value for code, _, value in self.rows}


@dataclass(frozen=True)
class Year:
    """A calendar year in Shanghai, up to `at` while it runs."""

    number: int
    begins: datetime
    ends: datetime
    at: datetime

    @classmethod
    def of(cls, number: int, at: datetime | None = None) -> Year:
        """ValueError for a year that has not begun, or before this century."""
        at = at or now()
        if not 2000 <= number <= local(at).year:
            raise ValueError(f"the year {number} has not begun")
        return cls(number, day_start(date(number, 1, 1)), day_start(date(number + 1, 1, 1)), at)

    def holds(self, column: Any) -> Any:
        """The condition that a moment lies in the year."""
        return (column >= self.begins) & (column < self.ends)


def report(year: Year, settings: Rows) -> list[Section]:
    """All sections; `settings` are the rows of how this deployment is set up, which the services do not know."""
    counted = select(Step.move, func.count()).where(year.holds(Step.at)).group_by(Step.move)
    steps = {move: count for move, count in db.session.execute(counted)}
    parts: tuple[tuple[str, str, Callable[[Year], Rows]], ...] = (
        ("rounds", N_("核查和范围"), _rounds),
        ("consents", N_("监护人的同意"), _consents),
        ("requests", N_("家长提的要求"), lambda year: _requests(year, steps)),
        ("exports", N_("成批导出"), _exports),
        ("views", N_("查看完整资料"), lambda year: _views(year, steps)),
        ("incidents", N_("警示和事件"), lambda _: _counted(steps, (Kind.ALARMS,))),
        ("accounts", N_("账号和第二步"), lambda year: _accounts(year, steps)),
        ("checks", N_("审计、备份和核对"), lambda year: _checks(year, steps)),
        ("retention", N_("保存和删除"), _retention),
    )
    found = [Section(code, title, rows(year)) for code, title, rows in parts]
    return [*found, Section("settings", N_("现在的设置"), settings)]


def as_document(year: Year, sections: Iterable[Section]) -> dict[str, Any]:
    """The report as plain JSON."""
    head = {"form": FORM, "year": year.number, "until": local(min(year.at, year.ends)).isoformat(timespec="minutes")}
    return head | {"sections": {one.code: one.values for one in sections}}


def _count(query: Any) -> int:
    return int(db.session.scalar(query) or 0)


def _rows_of(model: Any, *conditions: Any) -> int:
    return _count(select(func.count()).select_from(model).where(*conditions))


def _counted(steps: dict[str, int], kinds: tuple[Kind, ...]) -> Rows:
    """A row for each act of these kinds that was done."""
    return [(move, words, steps[move]) for move, (kind, words) in MOVES.items() if kind in kinds and steps.get(move)]


def _rounds(year: Year) -> Rows:
    found: Rows = []
    days = (Round.begins < date(year.number + 1, 1, 1)) & (Round.ends >= date(year.number, 1, 1))
    for one in db.session.scalars(select(Round).where(days).order_by(Round.begins, Round.title)):
        scope = _rows_of(Sheet, Sheet.round_id == one.id, Sheet.in_scope)
        found.append((f"{one.title} {one.begins}", f"{one.title}，{one.begins} – {one.ends}", scope))
    schools, classes = (_rows_of(Place, Place.level == level) for level in (Level.SCHOOL, Level.CLASS))
    return [*found, ("schools", N_("学校数"), schools), ("classes", N_("班数"), classes)]


def _consents(year: Year) -> Rows:
    query = select(Consent.text_version, Consent.language, func.count()).where(year.holds(Consent.at))
    rows: Rows = [
        (f"version {version} {language}", f"v{version} ({language})", count)
        for version, language, count in db.session.execute(
            query.group_by(Consent.text_version, Consent.language).order_by(Consent.text_version, Consent.language)
        )
    ]
    until = (Consent.at < year.ends) & (Consent.withdrawn_at.is_(None) | (Consent.withdrawn_at >= year.ends))
    rows.append(("withdrawn", N_("撤回的同意"), _rows_of(Consent, year.holds(Consent.withdrawn_at))))
    rows.append(("in force", N_("年末有效的同意"), _rows_of(Consent, until)))
    live = Guardianship.state.in_(("active", "waiting"))
    rows.append(("guardians", N_("现在有账号或在等同意的监护人"), _rows_of(Guardianship, live)))
    without = (
        ~select(Consent.id)
        .where(Consent.user_id == Guardianship.user_id, Consent.pupil_id == Guardianship.pupil_id)
        .exists()
    )
    rows.append(("without consent", N_("其中没有同意记录的"), _rows_of(Guardianship, live, without)))
    return rows


def _requests(year: Year, steps: dict[str, int]) -> Rows:
    query = select(Application.state, func.count()).where(year.holds(Application.decided_at))
    states = Counter({str(state): count for state, count in db.session.execute(query.group_by(Application.state))})
    rows: Rows = [
        ("questions", N_("提的问题"), _rows_of(Ticket, year.holds(Ticket.made_at))),
        ("questions answered", N_("答了的问题"), _rows_of(Ticket, year.holds(Ticket.answered_at))),
        ("applications granted", N_("批准的更正申请"), states[ApplicationState.GRANTED]),
        ("applications decided", N_("有了结果的申请"), states.total()),
    ]
    return rows + _counted({move: n for move, n in steps.items() if move not in ("ASK",)}, (Kind.FAMILIES,))


def _exports(year: Year) -> Rows:
    """How many and how large; each one with its purpose."""
    query = select(Export).where(year.holds(Export.asked_at)).order_by(Export.number)
    every = list(db.session.scalars(query))
    states = Counter(one.state for one in every)
    # what a command on the machine made has neither: nobody releases it
    alone = sum(one.by_id is not None and one.by_id == one.decided_by_id for one in every)
    rows: Rows = [
        ("all", N_("申请和做成的导出"), len(every)),
        ("refused", N_("没有放行的"), states["refused"]),
        ("fetched", N_("取走的"), sum(one.fetched_at is not None for one in every)),
        ("pupils", N_("取走的学生人次"), sum(one.rows for one in every if one.fetched_at is not None)),
        ("released by the asker", N_("自己放行自己的"), alone),
    ]
    asked_at = select(Place.id, Place.code).where(Place.id.in_({one.place_id for one in every}))
    codes = {place_id: code for place_id, code in db.session.execute(asked_at)}
    for one in every:
        purpose = without_numbers((one.purpose or {}).get("words", ""))
        said = f"{one.kind}, {codes[one.place_id]}, {one.rows}, {one.state}: {purpose}"
        rows.append((f"export {one.number}", f"{local(one.asked_at):%Y-%m-%d}", said))
    return rows


def _views(year: Year, steps: dict[str, int]) -> Rows:
    inside = (Viewed.day >= date(year.number, 1, 1)) & (Viewed.day < date(year.number + 1, 1, 1))
    total, most, people = db.session.execute(
        select(func.sum(Viewed.rows), func.max(Viewed.rows), func.count(func.distinct(Viewed.user_id))).where(inside)
    ).one()
    rows: Rows = [
        ("records", N_("看过的完整资料"), int(total or 0)),
        ("people", N_("看的人"), people),
        ("most in a day", N_("一人一天最多"), int(most or 0)),
    ]
    return rows + _counted(steps, (Kind.VIEWS,))


def _accounts(year: Year, steps: dict[str, int]) -> Rows:
    """Staff as they stand now; who must have a second step and has none is counted for each role."""
    query = select(Post.role, Post.path, User.id, User.second_on_at).join(User, User.id == Post.user_id)
    runs = Post.ends.is_(None) | (Post.ends >= local(year.at).date())
    posts = db.session.execute(query.where(User.ended_at.is_(None), Post.role != Role.PARENT, runs)).all()
    asks = second_required.below(_everybody())
    must = [post for post in posts if asks(Role(post.role), post.path)]
    lacking = Counter(str(post.role) for post in must if post.second_on_at is None)
    rows: Rows = [
        ("staff", N_("在用的工作人员账号"), len({post.id for post in posts})),
        ("second step", N_("其中开了第二步的"), len({post.id for post in posts if post.second_on_at is not None})),
        ("must have one", N_("必须开第二步的岗位"), len(must)),
        *((f"without one {role}", Role(role).label, count) for role, count in sorted(lacking.items())),
        ("families", N_("家长账号"), _rows_of(User, User.ended_at.is_(None), User.login.startswith("family-"))),
        ("sign-ins", N_("登录次数"), _rows_of(SignIn, year.holds(SignIn.begun_at))),
    ]
    return rows + _counted({move: n for move, n in steps.items() if move != "SIGN_IN"}, (Kind.SIGN_INS,))


def _everybody() -> Actor:
    """Somebody whose place holds all places."""
    return Actor(
        user_id=None,
        session_id=None,
        role=Role.AUDITOR,
        level=Level.MINISTRY,
        place_id=UUID(int=0),
        path="",
        name="",
        place_name="",
    )


def _checks(year: Year, steps: dict[str, int]) -> Rows:
    """Verifications of the history by their answer, then all other work of the operator."""
    query = select(Step.details).where(year.holds(Step.at), Step.move == VERIFY)
    answers = Counter(int(details.get("exit", 0)) for details in db.session.scalars(query))
    rows: Rows = [
        ("history agreed", N_("核对操作记录，一致"), answers[0]),
        ("history did not agree", N_("核对操作记录，不一致"), answers.total() - answers[0]),
    ]
    return rows + _counted({move: n for move, n in steps.items() if move != VERIFY}, (Kind.SYSTEM, Kind.SETTINGS))


def _retention(year: Year) -> Rows:
    rounds = list(db.session.scalars(select(Round)))
    past = [one for one in rounds if one.ends < local(year.at).date()]
    oldest = db.session.scalar(select(func.min(Step.at)))
    tried = db.session.scalar(select(func.min(Try.at)))
    return [
        ("history since", N_("操作记录最早的一天"), f"{local(oldest):%Y-%m-%d}" if oldest else "–"),
        ("history rows", N_("操作记录条数"), _rows_of(Step)),
        ("history least days", N_("操作记录至少保存的天数"), LEAST_DAYS),
        ("tries since", N_("试错记录最早的一天"), f"{local(tried):%Y-%m-%d}" if tried else "–"),
        ("data keys", N_("数据密钥"), _rows_of(DataKey)),
        ("rounds over", N_("已经结束的核查"), len(past)),
        ("rounds shredded", N_("其中资料已经销毁的"), sum(is_gone(one) for one in past)),
    ]

"""Factories with plain names: the tree, people, pupils, a round and sheets in any state, all made up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.models import Consent, Guardianship, Place, Pupil, Round, Sheet, SignIn, Switch, User, Window, db
from portal.models.people import Post
from portal.rules.clock import now, today
from portal.rules.places import child_path
from portal.rules.roles import Actor, Level, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, pupils

PASSWORD = "four quiet horses"
#: where clocks stand that a test stops: ten seconds into a step of thirty
NOON = datetime.fromisoformat("2026-11-20T04:00:10+00:00")
_ORDER = list(SheetState)


class Make:
    """Each method adds to the session and commits, so that tests read as one line per thing."""

    def __init__(self) -> None:
        self._serial = 0

    def next(self) -> int:
        self._serial += 1
        return self._serial

    def place(self, level: Level, code: str, name: str, parent: Place | None = None, **columns: Any) -> Place:
        path = child_path(parent.path if parent else "", code)
        place = Place(level=level, code=code, name=name, path=path, parent_id=parent.id if parent else None, **columns)
        db.session.add(place)
        db.session.commit()
        return place

    def province(self) -> Place:
        found = db.session.scalar(select(Place).where(Place.level == Level.PROVINCE, Place.code == "990000"))
        return found or self.place(Level.PROVINCE, "990000", "试验省教育厅", phone="010-00000001")

    def prefecture(self, code: str = "990100", name: str = "试验市教育局") -> Place:
        found = db.session.scalar(select(Place).where(Place.level == Level.PREFECTURE, Place.code == code))
        return found or self.place(Level.PREFECTURE, code, name, self.province(), phone="010-00000002")

    def county(self, code: str = "990101", name: str = "试验一区教育局") -> Place:
        found = db.session.scalar(select(Place).where(Place.level == Level.COUNTY, Place.code == code))
        return found or self.place(Level.COUNTY, code, name, self.prefecture(), phone="010-00000003")

    def school(self, code: str = "2199000001", name: str = "试验市第一小学", parent: Place | None = None) -> Place:
        found = db.session.scalar(select(Place).where(Place.code == code))
        return found or self.place(Level.SCHOOL, code, name, parent or self.county(), phone="010-00000000", stages="1")

    def class_(self, school: Place | None = None, code: str = "2020106", name: str = "六年级（6）班") -> Place:
        school = school or self.school()
        found = db.session.scalar(select(Place).where(Place.parent_id == school.id, Place.code == code))
        return found or self.place(Level.CLASS, code, name, school)

    def user(self, role: Role, place: Place, login: str | None = None, name: str = "周试验") -> User:
        """A member of staff with the password `PASSWORD` that need not be changed."""
        user = accounts.make_user(place, login or f"{role.value.lower()}-{self.next()}", name, role, place, PASSWORD)
        db.session.commit()
        return user

    def actor(self, role: Role, place: Place) -> Actor:
        """The actor of a fresh user who has just signed in."""
        user = self.user(role, place)
        self.let_in(role)
        return accounts.actor_of(accounts.sign_in(user.login, PASSWORD))  # type: ignore[return-value]

    def guardian(self, pupil: Pupil, phone: str | None = None, state: str = "active") -> User:
        """A family's account with the password `PASSWORD` that speaks for a pupil."""
        school = db.session.get_one(Place, pupil.school_id)
        user = accounts.make_family(school, phone or f"154{self.next():08d}", PASSWORD)
        db.session.flush()
        own = {"school_id": pupil.school_id, "path": pupil.path}
        db.session.add(Guardianship(user_id=user.id, pupil_id=pupil.id, relation="52", state=state, **own))
        db.session.add(Consent(user_id=user.id, pupil_id=pupil.id, text_version="1", language="zh"))
        db.session.commit()
        return user

    def let_in(self, role: Role) -> None:
        """Verification accounts come in only while there is something to enter (R101): the window is opened."""
        if role == Role.OPERATOR and not db.session.scalar(select(Window).filter_by(switch=Switch.ENTRY)):
            self.window(switch=Switch.ENTRY)

    def round(self, **columns: Any) -> Round:
        found = db.session.scalar(select(Round))
        if found and not columns:
            return found
        province = self.province()
        base = {
            "province_id": province.id,
            "path": province.path,
            "title": f"{today().year} 年春季核查",
            "year": today().year,
            "cut_off": date(today().year, 3, 31),
            "begins": today() - timedelta(days=20),
            "ends": today() + timedelta(days=20),
        }
        made = Round(**(base | columns))
        db.session.add(made)
        db.session.commit()
        return made

    def window(
        self,
        place: Place | None = None,
        switch: Switch = Switch.EXPORT,
        opens: datetime | None = None,
        closes: datetime | None = None,
    ) -> Window:
        place = place or self.prefecture()
        made = Window(
            round_id=self.round().id,
            place_id=place.id,
            path=place.path,
            switch=switch,
            opens_at=opens or now() - timedelta(days=10),
            closes_at=closes or now() + timedelta(days=10),
        )
        db.session.add(made)
        db.session.commit()
        return made

    def record(self, n: int, **items: str) -> dict[str, str]:
        """A complete record of a made-up pupil; every number is valid."""
        from portal.commands.made_up import record_numbered

        return record_numbered(n) | items

    def pupil(self, class_: Place | None = None, **items: str) -> Pupil:
        class_ = class_ or self.class_()
        record = self.record(self.next(), **items)
        pupil = pupils.new_pupil(class_, record)
        db.session.commit()
        return pupil

    def sheet(self, state: SheetState = SheetState.EXPECTED, pupil: Pupil | None = None, **columns: Any) -> Sheet:
        """A sheet in a state with the facts that belong to it."""
        pupil = pupil or self.pupil()
        reached = _ORDER.index(state)
        received = reached >= _ORDER.index(SheetState.RECEIVED)
        facts = {
            "issued": reached >= _ORDER.index(SheetState.ISSUED),
            "returned": False,
            "received": received,
            "readable": received,
            "signed": received,
        }
        sheet = Sheet(
            round_id=self.round().id,
            pupil_id=pupil.id,
            school_id=pupil.school_id,
            class_id=pupil.class_id,
            path=pupil.path,
            state=state,
            **(facts | columns),
        )
        db.session.add(sheet)
        db.session.commit()
        return sheet

    def sign_in_row(self, actor: Actor) -> SignIn:
        return db.session.get_one(SignIn, actor.session_id)

    def post(self, user: User, role: Role, place: Place) -> Post:
        post = Post(user_id=user.id, place_id=place.id, path=place.path, role=role, begins=today())
        db.session.add(post)
        db.session.commit()
        return post

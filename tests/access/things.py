"""One of each thing for a home. A kind with a second word is the same kind in another state."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select

from portal.models import (
    Application,
    ChangeFile,
    Decision,
    Evidence,
    Export,
    Finding,
    Guardianship,
    Photo,
    Pile,
    PrintRun,
    Pupil,
    RosterImport,
    Sheet,
    Step,
    Ticket,
    TicketEntry,
    Unlisted,
    User,
    db,
    key_for,
)
from portal.models.data_keys import scope_of
from portal.models.people import Post
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, applications, photos
from tests.access.world import CLASSMATE, HOMES, SURNAMES, World
from tests.photographs import arrive, jpeg, leaf_of

#: state of the sheet -> whether its paper has been photographed
STATES = {
    SheetState.ISSUED: False,
    SheetState.RECEIVED: True,
    SheetState.CHECKED: True,
    SheetState.PASSED: True,
    SheetState.ENTERED: True,
    SheetState.VERIFIED: False,
}
#: what the things of a kind without a second word are: those of this sheet
USUAL = SheetState.RECEIVED


def fill(world: World, home: str) -> None:
    """Everything of a home."""
    class_ = world.places[home]
    for kind in ("class_id", "place_id"):
        world.add(kind, home, class_)
    school = world.places[f"school of {home}"]
    world.add("school_id", home, school)
    world.add("school name", home, school.name, school.path)
    world.school_marks[home] = {school.id.hex}
    world.add("user_id", home, world.people[(Role.TEACHER, home)], class_.path)
    world.add("seat_id", home, world.people[(Role.OPERATOR, home)], world.places[f"school of {home}"].path)
    post = db.session.scalars(select(Post).where(Post.user_id == world.people[(Role.TEACHER, home)])).one()
    world.add("post_id", home, post)
    for state in STATES:
        _sheet(world, home, state)
    _pile(world, home)
    _of_school(world, home)
    _families(world, home)
    _asked_for(world, home)
    _found(world, home)
    db.session.commit()


def sheet_of(world: World, home: str, state: SheetState = USUAL) -> Sheet:
    return db.session.get_one(Sheet, world.things[(f"sheet_id {state.value}", home)])


def own(sheet: Sheet) -> dict[str, object]:
    return {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}


def new_pupil(world: World, home: str, **items: str) -> Pupil:
    """A pupil whose name and number are marks of the home."""
    name = f"{SURNAMES[home]}试{chr(0x4E00 + world.make.next())}"
    pupil = world.make.pupil(world.places[home], name=name, **items)
    world.names[pupil.id] = {name, *(pupil.record[item] for item in ("student_number", "phone", "id_number"))}
    world.mark(home, *world.names[pupil.id], pupil.id.hex)
    return pupil


def _sheet(world: World, home: str, state: SheetState) -> None:
    """A pupil with a sheet in this state; with its photo come the changes written on it."""
    make, pupil = world.make, new_pupil(world, home)
    sheet = make.sheet(SheetState.ISSUED, pupil)
    things = [("pupil_id", pupil), ("sheet_id", sheet)]
    if STATES[state]:
        photo = arrive(sheet, leaf_of(sheet), written=("phone", "address", "id_number"))
        things.append(("photo_id", photo))
        things += [("change_id" if not n else f"change_id {n}", change) for n, change in enumerate(sheet.changes)]
    sheet.state = state
    if state == SheetState.ENTERED:
        for change in sheet.changes:
            change.outcome, change.entered_at = "accepted", now()
            change.entered_by_id = world.people[(Role.OPERATOR, home)]
    db.session.commit()
    for kind, thing in things:
        world.add(f"{kind} {state.value}", home, thing)
        if state == USUAL:
            world.add(kind, home, thing)
    world.add(f"version {state.value}", home, sheet.version, sheet.path)
    if state == USUAL:
        world.add("name", home, pupil.record["name"], pupil.path)


def _pile(world: World, home: str) -> None:
    """A pile of the class with a page whose pupil nobody could tell."""
    sheet = sheet_of(world, home, SheetState.ISSUED)
    teacher = world.people[(Role.TEACHER, home)]
    pile = Pile(class_id=sheet.class_id, by_id=teacher, **own(sheet) | {"path": world.places[home].path})
    db.session.add(pile)
    db.session.flush()
    number, key = key_for(sheet.school_id, sheet.round_id)
    blob = photos.put(scope_of(sheet.school_id, sheet.round_id), jpeg(), key, number)
    loose = Photo(
        address=blob.address, flat_address=blob.address, size=1, receipt=uuid4().hex[:8].upper(), **own(sheet)
    )
    loose.pile_id, loose.source, loose.outcome, loose.path = pile.id, "pile", "unknown", pile.path
    db.session.add(loose)
    db.session.commit()
    world.add("pile_id", home, pile)
    world.add("photo_id loose", home, loose)
    photo = db.session.get_one(Photo, world.things[("photo_id", home)])
    world.add("receipt typed", home, photo.receipt, photo.path)


def _of_school(world: World, home: str) -> None:
    """A print run, a roster file, a file of changes; the second class of a school has its own."""
    sheet, number = sheet_of(world, home), 9000 + HOMES.index(home)
    of_school = own(sheet) | {"path": world.places[f"school of {home}"].path}
    run = PrintRun(number=number, selection={"classes": [], "sheets": []}, state="done", **of_school)
    upload = RosterImport(school_id=sheet.school_id, address="0" * 64)
    file = ChangeFile(number=number, address="0" * 64, **of_school)
    db.session.add_all([run, upload, file])
    db.session.commit()
    world.add("run_id", home, run)
    world.add("import_id", home, upload, run.path)
    world.add("file_id", home, file)
    asked = Export(number=number, kind="roster", choice={}, by_id=world.people[(Role.REGISTRAR, home)])
    asked.place_id, asked.path = sheet.school_id, run.path
    db.session.add(asked)
    db.session.commit()
    world.add("export_id", home, asked)
    by = world.people[(Role.OPERATOR, home)]
    step = Step(by_id=by, role="OPERATOR", place_id=sheet.school_id, path=sheet.path, details={"items": ["phone"]})
    step.thing, step.thing_id, step.move = "pupil", sheet.pupil_id, "MAINTAIN"
    db.session.add(step)
    _decision(world, home)
    db.session.commit()
    world.add("step_id", home, step)


def _decision(world: World, home: str) -> None:
    """The leader has just passed a sheet and may still take it back."""
    sheet = sheet_of(world, home, SheetState.CHECKED)
    leader = db.session.get_one(User, world.people[(Role.LEADER, home)])
    one = Decision(thing="sheet", thing_id=sheet.id, version=sheet.version, move="PASS", by_id=leader.id, due_at=now())
    one.school_id, one.path, one.post_id = sheet.school_id, sheet.path, leader.posts[0].id
    one.done_at = now()
    db.session.add(one)
    db.session.flush()
    world.add("decision_id", home, one)


def _families(world: World, home: str) -> None:
    """The family of a child, the family of a classmate, and one that waits until the class teacher lets it in."""
    make = world.make
    first, second = sheet_of(world, home, SheetState.ISSUED), sheet_of(world, home, USUAL)
    users = {
        "own": make.guardian(first.pupil),
        "classmate": make.guardian(second.pupil),
        "waiting": make.guardian(first.pupil, state="waiting"),
    }
    for which, user in users.items():
        one = db.session.scalars(select(Guardianship).filter_by(user_id=user.id)).one()
        world.families[f"{which} of {home}"] = user.id
        ending = "" if which == "own" else f" {which}"
        world.add(f"child_id{ending}", home, one, f"family/{user.id.hex}/")
        world.add(f"guardianship_id{ending}", home, one)
    for which, sheet, there in (("own", first, home), ("classmate", second, CLASSMATE)):
        papers = _paper(world, home, sheet, users[which].id)
        papers.sheet_id = sheet.id
        db.session.add(papers)
        db.session.commit()
        if there == home or home == "class":
            world.add("evidence_id child", there, papers)
            world.mark(home, papers.id.hex)
    if home == "class":
        world.add("child_id", CLASSMATE, *_at(world, "child_id classmate", home))


def _at(world: World, kind: str, home: str) -> tuple[UUID, str]:
    return world.things[(kind, home)], world.paths[(kind, home)]


def _paper(world: World, home: str, sheet: Sheet, by_id: UUID) -> Evidence:
    """A file of a proof; the caller says what it belongs to."""
    number, key = key_for(sheet.school_id, sheet.round_id)
    blob = photos.put(scope_of(sheet.school_id, sheet.round_id), jpeg(), key, number)
    papers = Evidence(item="name", kind="HUKOU_SCAN", address=blob.address, size=blob.size, by_id=by_id, **own(sheet))
    papers.name = f"{SURNAMES[home]}试户口簿.jpg"
    return papers


def _asked_for(world: World, home: str) -> None:
    """Applications: a draft, one with the leader, one with the authority, a proof of identity, a mistaken entry."""
    maker = _actor(world, Role.REGISTRAR, home)
    sheet = sheet_of(world, home)
    asked: list[tuple[str, ApplicationKind, str]] = [
        ("", ApplicationKind.CHANGE, "DRAFTED"),
        (" WITH_LEADER", ApplicationKind.CHANGE, "WITH_LEADER"),
        (" WITH_AUTHORITY", ApplicationKind.CHANGE, "WITH_AUTHORITY"),
        (" identity", ApplicationKind.IDENTITY, "DRAFTED"),
        (" deletion", ApplicationKind.DELETION, "DRAFTED"),
    ]
    for ending, kind, state in asked:
        pupil = new_pupil(world, home)
        if kind == ApplicationKind.IDENTITY:
            pupil.record = pupil.record | {"id_doc_type": "Z", "id_number": ""}
        if kind == ApplicationKind.DELETION:
            pupil.record = pupil.record | {"student_number": "L" + pupil.record["student_number"][1:]}
        db.session.commit()
        values = {"name": "林拭"} if kind == ApplicationKind.CHANGE else {}
        found = applications.make(maker, pupil.id, kind, values, "名册里登记错了")
        papers = _paper(world, home, sheet, world.people[(Role.OPERATOR, home)])
        papers.application_id = found.id
        db.session.add(papers)
        _bring(world, home, found, state)
        world.add(f"application_id{ending}", home, found)
        world.add(f"version application{ending}", home, found.version, found.path)
        world.add(f"pupil_id application{ending}", home, pupil)
        world.add(f"evidence_id{ending}", home, papers)


def _bring(world: World, home: str, found: Application, state: str) -> None:
    """As if it had come to this state by itself."""
    found.state = ApplicationState(state)
    if state != "DRAFTED":
        found.sent_by_id = world.people[(Role.OPERATOR, home)]
    if state == "WITH_AUTHORITY":
        found.leader_id = world.people[(Role.LEADER, home)]
    db.session.commit()


def _actor(world: World, role: Role, home: str) -> Actor:
    user = db.session.get_one(User, world.people[(role, home)])
    actor = accounts.actor_of(world.sign_in(user))
    assert actor is not None
    return actor


def _found(world: World, home: str) -> None:
    """What the person-record check found, a child who is not on the roster, and a question."""
    sheet, class_ = sheet_of(world, home), world.places[home]
    teacher = world.people[(Role.TEACHER, home)]
    of_class = own(sheet) | {"class_id": class_.id, "by_id": teacher}
    finding = Finding(pupil_id=sheet.pupil_id, code="STATUS_DEAD", **of_class)
    child = Unlisted(code="NO_RECORD", **of_class)
    name = f"{SURNAMES[home]}试外"
    child.person = {"name": name, "sex": "1", "birth_date": "20140312", "id_number": "", "from": ""}
    ticket = Ticket(home_id=sheet.school_id, place_id=class_.id, path=class_.path, page="", due_at=now())
    db.session.add_all([finding, child, ticket])
    db.session.flush()
    said = TicketEntry(ticket_id=ticket.id, home_id=sheet.school_id, from_asker=True)
    said.text = f"{SURNAMES[home]}试问"
    db.session.add(said)
    db.session.commit()
    world.mark(home, name, said.text)
    world.add("finding_id", home, finding)
    world.add("unlisted_id", home, child)
    world.add("ticket_id", home, ticket)

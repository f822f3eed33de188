"""The table of all screens: each row is one screen in one state, seen by one or several people.

A new screen needs one line here; `test_gallery.py` fails until it has one for every role that may open it:

    screen("staff.queue_sheet", "leader leader-long", "to pass", sheet_id="to-pass")

that is: endpoint, logins (none: a family), name of the state, then values as `gallery_world` names them. More:

    query="show=waiting&open=@county"   what follows the question mark; @county is a thing of the world
    fill={"#code": "R123"}              typed into the screen before it is looked at; @receipt is a thing of the world
    press="main form button"            pressed after that (a form that comes back with its errors)
    status=404                          when the answer is not 200
    guessed=True                        while codes are being guessed from here

People: registrar, leader, operator, teacher, county, prefecture, province; -long: every name is as long as can be,
-empty: nothing has begun, -no-round: no round runs. New kinds of things go into `gallery_world.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal.rules.numbers import with_check
from tests.house import gallery_audit, gallery_exports, gallery_keeping, gallery_registry, gallery_security

#: screens of these rooms are seen on phones first: targets for thumbs, axe at 360 px
PHONE_FIRST = ("parents.", "teachers.", "web.")


@dataclass(frozen=True)
class Screen:
    """One screen in one state as one person sees it; `who` is empty for a family without an account."""

    endpoint: str
    who: str
    state: str
    query: str = ""
    fill: dict[str, str] = field(default_factory=dict)
    press: str = ""
    status: int = 200
    guessed: bool = False
    things: dict[str, Any] = field(default_factory=dict)
    #: the first row of its endpoint: looked at in the dark, at all widths and in English too
    is_first: bool = True

    @property
    def is_looked_at(self) -> bool:
        """Looked at in a browser by the suite; `make gallery` looks at all others as well."""
        return self.is_first or self.is_long or self.is_filled

    @property
    def is_filled(self) -> bool:
        """It shows only after a form was sent."""
        return bool(self.fill or self.press)

    @property
    def is_long(self) -> bool:
        """The names on it are as long as can be."""
        return self.who.endswith("-long") or "long" in self.state

    @property
    def name(self) -> str:
        """The name of its picture."""
        words = [self.endpoint, self.who or "family", self.state]
        return "-".join(word.replace(" ", "-") for word in words if word)

    @property
    def statuses(self) -> tuple[int, ...]:
        """What it may answer; where no round runs most screens say so as a refusal."""
        return (200, 409) if self.who.endswith("-no-round") else (self.status,)

    @property
    def is_for_phones(self) -> bool:
        return self.endpoint.startswith(PHONE_FIRST)


SCREENS: list[Screen] = []


def screen(endpoint: str, who: str = "", state: str = "", **more: Any) -> None:
    """Add one row per login."""
    options = {name: more.pop(name) for name in ("query", "fill", "press", "status", "guessed") if name in more}
    for login in who.split() or [""]:
        first = all(row.endpoint != endpoint for row in SCREENS)
        SCREENS.append(Screen(endpoint, login, state, things=more, is_first=first, **options))


# ---- everybody ----
SEND = "main form button"
screen("web.home")
screen("web.sign_in")
for _audience in ("parents", "teachers", "registrars", "authorities"):
    screen("web.guide", state=_audience, audience=_audience)
screen("web.sign_in", state="wrong", fill={"#login": "nobody", "#password": "not the one"}, press=SEND, status=400)
screen("web.sign_in", state="nothing filled in", press=SEND, status=400)
screen("web.password", "teacher-new registrar-long parent operator county prefecture province security auditor")
screen("web.password", "leader", "too short", fill={"#old": "x", "#new": "1"}, press=SEND, status=400)
screen("web.wrong")
screen("web.wrong", "teacher registrar-long leader operator county prefecture province security auditor")
screen("web.wrong", "parent parent-long")
screen("web.wrong", state="nothing written", press="main form button", status=400)
screen("web.questions", "teacher registrar leader county prefecture province registrar-long registrar-empty")
screen("web.questions_thread", "teacher", ticket_id="question")
screen("web.questions_thread", "registrar leader", "of a family", ticket_id="question of the operator")
screen("web.questions_thread", "registrar-long", "long", ticket_id="long question")
screen("web.questions_thread", "county", ticket_id="question of the school")
screen("web.questions_thread", "prefecture", ticket_id="question of the county")
screen("web.questions_thread", "province", ticket_id="question of the prefecture")
screen("web.choose_post", "teacher parent registrar operator leader county prefecture province security auditor")

# ---- families without an account ----
for _state in ("fresh", "read", "unsigned", "sent-back", "superseded", "done", "long read", "to-verify"):
    screen("parents.landing", state=_state, door="s", key=f"{_state} key")
for _state in ("not handed out", "not expected", "revoked"):
    screen("parents.landing", state=_state, door="s", key=f"{_state} key")
screen("parents.landing", state="by code", door="c", key="handle")
screen("parents.landing", state="wrong link", door="s", key="00000000000", status=404)
screen("parents.genuine", door="s", key="fresh key")
screen("parents.genuine", state="long", door="s", key="long read key")
screen("parents.photo", door="s", key="fresh key")
screen("parents.photo", state="long", door="s", key="long read key")
screen("parents.photo", state="no file", door="s", key="fresh key", press="#send button", status=400)
for _state in ("read", "unsigned", "glare", "strange", "back", "long read"):
    screen("parents.answer", state=_state, door="s", key=f"{_state} key", receipt=f"{_state} receipt")
screen("parents.code")
screen("parents.code", state="unknown", fill={"#code": with_check("R" + "0" * 14)}, press=SEND, status=400)

# ---- families with an account ----
screen("parents.claim", door="c", key="c1a1c1a1")
screen("parents.claim", "parent-long", "one more child", door="c", key="c1a1c1a1")
screen("parents.claim", state="nothing filled in", door="c", key="c1a1c1a1", press=SEND, status=400)
screen("parents.consent_text")
screen("parents.forgot")
screen("parents.home", "parent parent-several parent-long parent-waiting")
screen("parents.child", "parent-several", "decided", child_id="parent-several to-verify")
screen("parents.child", "parent-several", "received", child_id="parent-several read")
screen("parents.child", "parent-several", "sent back", child_id="parent-several sent-back")
screen("parents.child", "parent-long", child_id="parent-long long to-pass")
OWN = {"child_id": "parent fresh"}
for _group, _items in {
    "basic": ("", "birth_date", "ethnic_group"),
    "auxiliary": ("", "household_place_code", "id_valid_period"),
    "contact": ("", "phone", "current_address"),
    "extended": ("", "left_behind"),
    "guardian-1": ("", "guardian1_relation"),
}.items():
    for _item in _items:
        _name, _query = (f"open {_item}", f"item={_item}") if _item else (_group, "")
        screen("parents.check_group", "parent", _name, query=_query, group=_group, **OWN)
WRONG = {"fill": {"#f-phone": "1"}, "press": "[name=do][value='save:phone']", "query": "item=phone", "status": 400}
screen("parents.check_group", "parent", "wrong", group="contact", **OWN, **WRONG)
screen("parents.check_group", "parent-long", "long", child_id="parent-long long issued", group="contact")
screen("parents.check_group", "parent-several", "changed", child_id="parent-several sent-back", group="contact")
screen("parents.check_group", "parent-several", "closed", child_id="parent-several to-verify", group="basic")
screen("parents.check_done", "parent-several", "changed", child_id="parent-several sent-back")
screen("parents.check_done", "parent", **OWN)
screen("parents.check_done", "parent-long", child_id="parent-long long issued")
TYPED = {"child_id": "parent-several sent-back", "item": "name"}
screen("parents.document", "parent-several", **TYPED)
screen("parents.document", "parent-several", "no file", press="main form button", status=400, **TYPED)
screen("parents.leaving", "parent", child_id="parent fresh")
screen("parents.leaving", "parent-long", child_id="parent-long long to-pass")
screen("parents.landing", "parent", "own child", door="s", key="fresh key")
screen("parents.photo", "parent", "own child", door="h", key="parent fresh hex")

# ---- screen against paper, and drawn sheets ----
for _state in ("one", "many", "unsigned", "on paper"):
    _name = f"differs {_state}"
    _who, _key = f"parent-differs-{_state.replace(' ', '-')}", f"parent-differs-{_state.replace(' ', '-')} {_name} hex"
    screen("parents.answer", _who, _name, door="h", key=_key, receipt=f"{_name} receipt")
screen("parents.answer", "parent-long-differs", "long", door="h", key="parent-long-differs long differs hex",
       receipt="long differs receipt")  # fmt: skip
screen(
    "parents.answer", state="differs without account", door="s", key="differs many key", receipt="differs many receipt"
)
screen("parents.child", "parent-differs-many", "differs", child_id="parent-differs-many differs many")
screen("parents.child", "parent-differs-unsigned", "differs", child_id="parent-differs-unsigned differs unsigned")
screen("parents.check_done", "parent-differs-many", "differs", child_id="parent-differs-many differs many")
screen("teachers.sheet", "teacher", "differs", sheet_id="differs many")
screen("teachers.sheet", "teacher", "drawn", sheet_id="plain drawn")
screen("teachers.unchanged", "teacher", "no answer", class_id="class", press="#drawn button", status=400)
screen("teachers.unchanged", "teacher", "missed", class_id="class", query="missed=2")
screen("staff.entry_sheet", "operator", "differs", sheet_id="differs to-enter")
BAD_SHARE = {"fill": {"#sample_share": "0"}, "press": "main form .button.main", "status": 400}
screen("staff.manage_settings", "county", "wrong share", **BAD_SHARE)

# ---- class teachers ----
CLASS = "teachers.class_list"
screen(CLASS, "teacher teacher-long teacher-empty teacher-no-round")
screen(CLASS, "registrar leader", class_id="class")
screen(CLASS, "teacher", "waiting", query="show=waiting")
screen(CLASS, "teacher", "missing", query="show=missing")
screen("teachers.reminder", "teacher registrar leader", class_id="class")
screen("teachers.reminder", "teacher-long", class_id="long class")
screen("teachers.unchanged", "teacher", class_id="class")
screen("teachers.unchanged", "teacher-long", class_id="long class")
for _state in ("expected", "issued", "read", "unsigned", "glare", "strange", "sent-back", "checked", "verified"):
    screen("teachers.sheet", "teacher", _state, sheet_id=_state)
screen("teachers.sheet", "teacher-long", "read", sheet_id="long read")
screen("teachers.sheet", "registrar operator leader", "to pass", sheet_id="to-pass")
screen("teachers.reminder_of_one", "teacher", sheet_id="fresh")
screen("teachers.reminder_of_one", "teacher-long", sheet_id="long issued")
screen("teachers.causes", "teacher registrar", class_id="class")
screen("teachers.causes", "teacher-long", class_id="long class")
screen("teachers.returned_papers", "teacher registrar", class_id="class")
screen("teachers.returned_papers", "teacher-long", class_id="long class")
screen("teachers.pile", "teacher registrar teacher-empty")
screen("teachers.pile_result", "teacher registrar", "read", pile_id="pile")
screen("teachers.pile_result", "teacher", "being read", pile_id="pile being read")
screen("teachers.pile_more", "teacher registrar", pile_id="pile")
screen("teachers.pile_photo", "teacher registrar", photo_id="pile photo")
screen("teachers.receipt_check", "teacher registrar teacher-empty registrar-empty")
TYPE = "#receipt"
screen("teachers.receipt_check", "teacher", "found", fill={TYPE: "@read receipt"}, press=SEND)
screen("teachers.receipt_check", "teacher-long", "found", fill={TYPE: "@long read receipt"}, press=SEND)
screen("teachers.receipt_check", "teacher", "lost", fill={TYPE: "@lost receipt"}, press=SEND)
screen("teachers.receipt_check", "registrar", "not here", fill={TYPE: "00000000"}, press=SEND)
screen("teachers.receipt_check", "teacher", "mistyped", fill={TYPE: "7ABC"}, press=SEND, status=400)
screen("teachers.versions", "teacher registrar operator leader", "two", sheet_id="glare")
screen("teachers.versions", "teacher-long", "one", sheet_id="long read")
screen("teachers.versions", "teacher", "none", sheet_id="expected")
screen("teachers.requests", "teacher registrar teacher-empty")
screen("teachers.family", "teacher registrar", "two", sheet_id="fresh")
screen("teachers.family", "teacher-long", "one", sheet_id="long to-pass")
screen("teachers.family", "teacher", "nobody", sheet_id="done")
screen("teachers.sheet", "teacher", "of another class", sheet_id="long read", status=404)

UPPER = "county prefecture province"
SEVERAL = f"registrar leader {UPPER}"

# ---- the school ----
screen("staff.round", "registrar leader registrar-long leader-long registrar-empty registrar-no-round")
screen("staff.classes", "registrar leader registrar-long registrar-empty")
screen("staff.doubts", "registrar registrar-long registrar-empty")
screen("staff.doubts", "registrar", "one class", query="class=@class")
screen("staff.download_code", "registrar registrar-empty registrar-no-round")
screen("staff.download_code", "registrar-long", "shown", press=SEND)
screen("staff.unlock", "registrar-long registrar")
screen("staff.unlock", "registrar-empty", "wrong", fill={"main input[name=code]": "123"}, press=SEND, status=400)
screen("staff.roster", "registrar registrar-long registrar-empty")
screen("staff.roster", "registrar", "no file", press="#upload button", status=400)
screen("staff.roster_class", "registrar", class_id="class")
screen("staff.roster_class", "registrar-long", class_id="long class")
screen("staff.roster_class", "registrar-empty", class_id="empty class")
screen("staff.roster_import", "registrar", "with faults", import_id="faulty import")
screen("staff.roster_import", "registrar", "done", import_id="good import")
screen("staff.print_page", "registrar registrar-long registrar-empty registrar-no-round")
for _state in ("done", "queued", "cancelled", "asking"):
    screen("staff.print_run", "registrar", _state, run_id=f"{_state} run")
screen("staff.print_leaves", "registrar", run_id="done run")
screen("staff.print_leaves", "registrar", "nothing printed", run_id="cancelled run")
screen("staff.logins", "registrar registrar-long registrar-empty")
screen("staff.entry", "registrar operator operator-long operator-empty")
screen("staff.entry_sheet", "registrar operator", sheet_id="to-enter")
screen("staff.entry_sheet", "operator-long", sheet_id="long to-enter")
screen("staff.queue", "leader leader-long leader-empty leader-no-round")
screen("staff.queue_sheet", "leader", "to pass", sheet_id="to-pass")
screen("staff.queue_sheet", "leader", "to verify", sheet_id="to-verify")
screen("staff.queue_sheet", "leader-long", "to pass", sheet_id="long to-pass")

screen("staff.queue", "leader", "to take back", query="show=decided")
screen("staff.queue", "leader", "to verify", query="show=verify")
screen("staff.queue_journal", "leader", class_id="class")
screen("staff.piles_page", "registrar teacher registrar-long registrar-empty")
screen("staff.returned", "registrar teacher registrar-long registrar-empty")
screen("staff.returned_class", "registrar teacher", class_id="class")
screen("staff.returned_class", "registrar-long", class_id="long class")
screen("staff.archive", "registrar leader registrar-long registrar-empty")
screen("staff.manage_settings", "registrar county prefecture province county-long")
WRONG_NETWORK = {"fill": {"#print_networks": "10.20.0.0/99"}, "press": "main form .actions button", "status": 400}
screen("staff.manage_settings", "registrar", "wrong network", **WRONG_NETWORK)
screen("staff.manage_movements", "registrar registrar-long registrar-empty")
screen("staff.manage_movements", "registrar", "found", query="find=01")
screen("staff.manage_movement", "registrar", pupil_id="read pupil")
screen("staff.manage_movement", "registrar-long", pupil_id="long read pupil")
screen("staff.manage_ledger", SEVERAL, place_id="school")
screen("staff.manage_ledger", "county-long", place_id="long school")
screen("staff.manage", "registrar county prefecture province registrar-long")
screen("staff.manage_accounts", "registrar county prefecture province registrar-long registrar-empty")
screen("staff.manage_new_account", "registrar county prefecture province")
screen("staff.manage_new_account", "registrar", "nothing filled in", press=SEND, status=400)
screen("staff.manage_account", "registrar county prefecture province", user_id="teacher user")
screen("staff.manage_account", "registrar-long", user_id="long teacher user")

# ---- figures and the authorities ----
screen("staff.figures", "registrar leader county prefecture province county-long leader-empty province-no-round")
screen("staff.figures", "province", "open", query="open=@open prefecture&open=@open county")
screen("staff.figure_list", SEVERAL, "received", place_id="school", measure="received")
screen("staff.figure_list", "county-long", "expected", place_id="long school", measure="expected")
screen("staff.figure_list", "leader-empty", "nobody", place_id="empty class", measure="received")
screen("staff.figures_days", SEVERAL + " county-long leader-empty province-no-round")
screen("staff.figures_export", SEVERAL + " county-long province-no-round")
screen("staff.windows", "registrar leader county prefecture province county-long province-no-round")

# ---- the person-record check ----
PERSONS = "teachers.findings_list"
screen(PERSONS, "teacher teacher-long teacher-empty teacher-no-round")
screen(PERSONS, "registrar", class_id="class")
screen(PERSONS, "teacher", "one open", query="open=@marked pupil")
screen("teachers.finding_row", "teacher registrar", class_id="class", pupil_id="marked pupil")
screen("teachers.findings_summary", "teacher", "not all", class_id="class")
screen("teachers.findings_summary", "registrar", "reported", class_id="reported class")
screen("teachers.findings_summary", "teacher-long", class_id="long class")
screen("teachers.unlisted", "teacher registrar", class_id="class")
WRONG_CHILD = {"fill": {"#name": "1", "#number": "1"}, "press": "main form .button.main", "status": 400}
screen("teachers.unlisted", "teacher", "wrong", class_id="class", **WRONG_CHILD)
screen("staff.findings", "registrar leader county prefecture province registrar-long county-long registrar-empty")
screen("staff.findings_of", "county prefecture province", place_id="county")
screen("staff.findings_of", "registrar leader", place_id="school", status=404)
screen("staff.registrations", "registrar leader registrar-long registrar-empty")
screen("staff.registrations_to_enter", "county prefecture province county-long")
screen("staff.manage_movement", "registrar", "of a finding", query="finding=LEFT_ON_ROLL", pupil_id="left pupil")

gallery_registry.screens(screen)
gallery_security.screens(screen)
gallery_keeping.screens(screen)
gallery_exports.screens(screen)
gallery_audit.screens(screen)

# ---- records changed at the desk, and what families read of everything ----
screen("staff.maintenance_choose", "registrar operator registrar-long operator-empty")
screen("staff.maintenance_choose", "operator", "a class", query="class=@class")
DESK = "staff.maintenance_group"
PASSED = {"pupil_id": "to-enter pupil"}
screen(DESK, "operator registrar", "basic", group="basic", **PASSED)
for _group, _item in {"contact": "phone", "auxiliary": "household_place_code", "extended": "left_behind"}.items():
    screen(DESK, "operator", f"open {_item}", query=f"item={_item}", group=_group, **PASSED)
WRONG_CODE = {"fill": {"#f-postcode": "1"}, "press": "#group .actions .button.main", "status": 400}
screen(DESK, "operator", "wrong", query="item=postcode", group="contact", **PASSED, **WRONG_CODE)
screen(DESK, "operator", "not yet", group="contact", pupil_id="fresh pupil")
screen(DESK, "operator", "own journal", group="contact", pupil_id="verified pupil")
screen(DESK, "operator-long", "long", group="contact", pupil_id="long to-enter pupil")
screen("staff.queue_maintenance", "leader leader-long leader-empty")
screen("staff.queue_maintenance", "leader", "nothing ticked", press="#sign .button.main", status=400)
screen("parents.child", "parent-outcomes", "outcomes", child_id="parent-outcomes outcomes")
screen("parents.child", "parent-long-outcomes", "long outcomes", child_id="parent-long-outcomes long outcomes")
screen("parents.landing", state="outcomes", door="s", key="outcomes key")
screen("parents.home", "parent-beside", "closed record")

# ---- proofs of identity, deletions ----
screen("staff.identity", "registrar operator leader registrar-long registrar-empty")
screen("staff.identity", "registrar", "refused", query="state=refused")
for _state in ("no proof", "proof drafted", "proof waits", "proof refused", "proof approved"):
    screen("staff.identity_pupil", "registrar operator leader", _state, pupil_id=_state)
screen("staff.identity_pupil", "registrar-long", "refused", pupil_id="long proof refused")
screen("staff.identity_pupil", "registrar", "no file", pupil_id="no proof", press="#send-files", status=400)
screen("staff.deletions_page", "registrar registrar-long registrar-empty")
screen("staff.deletions_page", "registrar", "of a class", query="class=@class")
screen("staff.deletion_new", "registrar", pupil_id="deletable")
screen("staff.deletion_new", "registrar-long", pupil_id="long deletable")
screen("staff.deletion_new", "registrar", "a formal number", pupil_id="read pupil")
screen("staff.deletion_new", "registrar", "no reason", pupil_id="deletable", press=SEND, status=400)
for _state in ("drafted", "with leader", "with authority", "refused", "cleared"):
    screen("staff.deletion", "registrar", _state, application_id=f"deletion {_state}")
screen("staff.deletion", "registrar-long", "refused", application_id="long deletion refused")
screen("staff.manage_movement", "registrar", "stopped", pupil_id="deletion refused pupil")

# ---- key-data changes ----
screen("staff.reviews", "leader leader-long leader-empty county county-long prefecture province")
screen("staff.reviews", "registrar", "not authorised", status=403)
screen("staff.reviews", "county", "decided", query="show=ended")
screen("staff.reviews", "leader", "to take back", query="show=decided")
screen("staff.review", "leader", "change", application_id="with leader application")
screen("staff.review", "leader", "deletion", application_id="deletion with leader")
screen("staff.review", "leader-long", "long", application_id="long with leader application")
screen("staff.review", "county prefecture province", "change", application_id="with county application")
screen("staff.review", "county", "granted", application_id="granted application")
screen("staff.review", "county", "deletion", application_id="deletion with authority")
screen("staff.review", "registrar", "not authorised", application_id="with leader application", status=403)
screen("staff.review_places_own", "county prefecture province registrar leader county-long")
screen("staff.review_places_below", "county prefecture province registrar leader", place_id="school")
screen("staff.applications_list", "registrar operator registrar-long registrar-empty")
screen("staff.applications_list", "registrar", "with the authority", query="show=authority&mine=1")
screen("staff.application_choose", "registrar operator registrar-long registrar-empty")
screen("staff.application_items", "registrar operator", pupil_id="read pupil")
screen("staff.application_items", "registrar-long", pupil_id="long read pupil")
for _state in ("of a sheet", "drafted", "again", "with leader", "with county", "refused", "granted"):
    screen("staff.application", "registrar operator", _state, application_id=f"{_state} application")
UNFIT = {"application_id": "of a sheet application", "press": "#draft .actions .button.main", "status": 400}
screen("staff.application", "registrar", "not whole", **UNFIT)
screen("staff.application", "registrar-long", "drafted", application_id="long drafted application")
screen("staff.application", "registrar-long", "refused", application_id="long refused application")
screen("staff.evidence_file", "registrar operator leader " + UPPER, evidence_id="photo file")
screen("staff.evidence_file", "registrar", "a download", evidence_id="archive file")
screen("staff.evidence_file", "county", "of a draft", evidence_id="draft file", status=404)

# ---- column entry ----
screen("staff.columns", "operator registrar operator-long registrar-empty")
screen("staff.columns", "operator", "a class", query="class=@class")
screen("staff.columns_item", "operator registrar operator-long registrar-empty", item="phone")
screen("staff.columns_item", "operator", "a class", query="class=@class", item="phone")
screen("staff.columns_item", "operator operator-long", "places", item="birthplace_code")
screen("staff.columns_item", "operator operator-long", "codes", item="ethnic_group")
screen("staff.columns_typed", "operator registrar operator-long registrar-empty")

# ---- what cannot be opened ----
screen("staff.round", "teacher parent", "not yours", status=403)
screen("staff.queue_sheet", "leader", "of another school", sheet_id="long to-pass", status=404)
screen("web.questions_thread", "teacher-long", "of another class", ticket_id="question", status=404)

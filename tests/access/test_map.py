"""Who may do what, written down a second time (domain 2.1, 2.2): the map of actions can only change together with this.

Letters: T class teacher; R, O, L registrar, operator and leader of a school; r, o, l the same at an authority; P the
registrar of a province, beside r; S security officer, A auditor; F family; * everybody who is signed in.
"""

from __future__ import annotations

from itertools import product
from uuid import uuid4

import pytest

from portal.rules.access import PUBLIC, Action, may
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role
from portal.web.guard import action_of
from tests.access.rows import Matrix

WHO = {
    "F": "see_own_children leave_child check_data send_document",
    "*": "sign_out change_own_password choose_post secure_own_account",
    "T": "check_sheet upload_for_family remind",
    "TR": "tick_returned set_cause reset_code send_pile assign_photo check_receipt decide_guardians help_family "
    "check_persons",
    "TRL": "see_class",
    "TROL": "see_sheet",
    "TRLrl": "see_questions answer_questions",
    "R": "import_roster export_roster show_download_code unlock_school print_sheets hand_out make_teacher_logins "
    "record_movement apply_deletion print_certificates make_change_file act_on_findings archive_sheets",
    "RL": "see_round print_statement review_at_school",
    "RO": "enter_changes apply",
    "ROL": "see_proofs",
    "ROLrlo": "see_applications",
    "L": "pass_sheets verify_sheets",
    "RLro": "review",
    "ro": "review_at_authority",
    "r": "enter_records",
    "RLrl": "see_waiting see_figures see_lists export_figures see_windows see_exports",
    "rl": "print_bulletin",
    "Lrl": "release_export",
    "Rrl": "see_settings",
    "Rr": "set_settings manage_accounts ask_export",
    "P": "set_windows end_sign_ins see_keeping",
    "S": "watch_sign_ins",
    "A": "see_audit",
    "TROLrlo": "see_more",
}
#: what answers without a sign-in
OPEN = (
    "parents.answer parents.claim parents.code parents.consent_text parents.forgot parents.genuine parents.landing "
    "parents.photo parents.photo_crop parents.photo_page parents.use_code web.ask web.ask_again web.close_question "
    "web.guide web.health web.home web.language web.large web.open_question web.second web.sign_in web.wrong"
)


def letters(role: Role, level: Level) -> str:
    """The letters of a post; a role at a level where nobody has it has none."""
    if role == Role.PARENT:
        return "F"
    at_authority = level in AUTHORITY_LEVELS
    found = {
        Role.TEACHER: "T" if level == Level.CLASS else "",
        Role.REGISTRAR: "R" if level == Level.SCHOOL else "rP" if level == Level.PROVINCE else "r" * at_authority,
        Role.OPERATOR: "O" if level == Level.SCHOOL else "o" * at_authority,
        Role.LEADER: "L" if level == Level.SCHOOL else "l" * at_authority,
        Role.SECURITY: "S" * at_authority,
        Role.AUDITOR: "A" * at_authority,
    }
    return found.get(role, "")


@pytest.mark.parametrize(("role", "level"), list(product(Role, Level)))
def test_each_post_may_exactly_what_stands_here(role: Role, level: Level) -> None:
    actor = Actor(None, None, role, level, uuid4(), "", "", "")
    own = {*letters(role, level), "*"}
    expected = {word for who, words in WHO.items() if own & set(who) for word in words.split()}
    assert {action.value for action in Action if action not in PUBLIC and may(actor, action)} == expected


def test_every_action_stands_here_once() -> None:
    words = [word for line in WHO.values() for word in line.split()]
    assert sorted(words) == sorted(action.value for action in set(Action) - PUBLIC)


def test_only_these_views_are_open_to_everybody(matrix: Matrix) -> None:
    """What becomes public by mistake is seen here."""
    views = matrix.app.view_functions
    assert {name for name in views if action_of(matrix.app, name) in PUBLIC} == set(OPEN.split())


def test_nobody_may_what_is_not_in_the_map() -> None:
    assert not any(may(None, action) for action in set(Action) - PUBLIC)

"""Who may do what: one readable map from action to who. Place and state are asked in the services, once."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role

Clause = Callable[[Actor], bool]


class Action(StrEnum):
    """Everything a screen or command can ask for; each view names exactly one."""

    # open to everybody
    SEE_PUBLIC_PAGE = "see_public_page"
    SIGN_IN = "sign_in"
    CHOOSE_LOOK = "choose_look"
    OPEN_SHEET_LINK = "open_sheet_link"
    SEND_PHOTO = "send_photo"
    USE_REGISTRATION_CODE = "use_registration_code"
    CLAIM_CHILD = "claim_child"
    ASK = "ask"
    # family with a claimed account
    SEE_OWN_CHILDREN = "see_own_children"
    LEAVE_CHILD = "leave_child"
    CHECK_DATA = "check_data"
    SEND_DOCUMENT = "send_document"
    # everybody who is signed in
    SIGN_OUT = "sign_out"
    CHANGE_OWN_PASSWORD = "change_own_password"
    CHOOSE_POST = "choose_post"
    SECURE_OWN_ACCOUNT = "secure_own_account"
    # class teacher
    SEE_CLASS = "see_class"
    SEE_SHEET = "see_sheet"
    CHECK_SHEET = "check_sheet"
    UPLOAD_FOR_FAMILY = "upload_for_family"
    TICK_RETURNED = "tick_returned"
    SET_CAUSE = "set_cause"
    RESET_CODE = "reset_code"
    REMIND = "remind"
    SEND_PILE = "send_pile"
    ASSIGN_PHOTO = "assign_photo"
    CHECK_RECEIPT = "check_receipt"
    DECIDE_GUARDIANS = "decide_guardians"
    HELP_FAMILY = "help_family"
    CHECK_PERSONS = "check_persons"
    # registrar and operators
    SEE_ROUND = "see_round"
    IMPORT_ROSTER = "import_roster"
    EXPORT_ROSTER = "export_roster"
    SEE_EXPORTS = "see_exports"
    ASK_EXPORT = "ask_export"
    RELEASE_EXPORT = "release_export"
    SHOW_DOWNLOAD_CODE = "show_download_code"
    UNLOCK_SCHOOL = "unlock_school"
    PRINT_SHEETS = "print_sheets"
    HAND_OUT = "hand_out"
    MAKE_TEACHER_LOGINS = "make_teacher_logins"
    RECORD_MOVEMENT = "record_movement"
    ENTER_CHANGES = "enter_changes"
    APPLY = "apply"
    APPLY_DELETION = "apply_deletion"
    SEE_PROOFS = "see_proofs"
    PRINT_CERTIFICATES = "print_certificates"
    SEE_APPLICATIONS = "see_applications"
    REVIEW = "review"
    SEE_WAITING = "see_waiting"
    MAKE_CHANGE_FILE = "make_change_file"
    ACT_ON_FINDINGS = "act_on_findings"
    ARCHIVE_SHEETS = "archive_sheets"
    PRINT_STATEMENT = "print_statement"
    # leader
    PASS_SHEETS = "pass_sheets"
    VERIFY_SHEETS = "verify_sheets"
    REVIEW_AT_SCHOOL = "review_at_school"
    # authority responsible for a school
    REVIEW_AT_AUTHORITY = "review_at_authority"
    ENTER_RECORDS = "enter_records"
    # questions, at every level
    SEE_QUESTIONS = "see_questions"
    ANSWER_QUESTIONS = "answer_questions"
    # figures and the authorities
    SEE_FIGURES = "see_figures"
    SEE_LISTS = "see_lists"
    EXPORT_FIGURES = "export_figures"
    PRINT_BULLETIN = "print_bulletin"
    SET_WINDOWS = "set_windows"
    SEE_WINDOWS = "see_windows"
    # people and settings of a place
    SEE_SETTINGS = "see_settings"
    SET_SETTINGS = "set_settings"
    MANAGE_ACCOUNTS = "manage_accounts"
    END_SIGN_INS = "end_sign_ins"
    WATCH_SIGN_INS = "watch_sign_ins"
    SEE_KEEPING = "see_keeping"
    SEE_AUDIT = "see_audit"
    SEE_MORE = "see_more"


PUBLIC = frozenset(
    {
        Action.SEE_PUBLIC_PAGE,
        Action.SIGN_IN,
        Action.CHOOSE_LOOK,
        Action.OPEN_SHEET_LINK,
        Action.SEND_PHOTO,
        Action.USE_REGISTRATION_CODE,
        Action.ASK,
        Action.CLAIM_CHILD,
    }
)


def is_(role: Role, *levels: Level) -> Clause:
    """Holds the role, at one of the levels when any are given."""
    return lambda actor: actor.role == role and (not levels or actor.level in levels)


def any_of(*clauses: Clause) -> Clause:
    """At least one clause holds."""
    return lambda actor: any(clause(actor) for clause in clauses)


def anybody(actor: Actor) -> bool:
    """Everybody who is signed in, families included."""
    return True


teacher = is_(Role.TEACHER, Level.CLASS)
registrar = is_(Role.REGISTRAR, Level.SCHOOL)
operator = is_(Role.OPERATOR, Level.SCHOOL)
leader = is_(Role.LEADER, Level.SCHOOL)
authority = any_of(is_(Role.REGISTRAR, *AUTHORITY_LEVELS), is_(Role.LEADER, *AUTHORITY_LEVELS))
province_registrar = is_(Role.REGISTRAR, Level.PROVINCE)
authority_registrar = is_(Role.REGISTRAR, *AUTHORITY_LEVELS)
authority_operator = is_(Role.OPERATOR, *AUTHORITY_LEVELS)
security_officer = is_(Role.SECURITY, *AUTHORITY_LEVELS)
auditor = is_(Role.AUDITOR, *AUTHORITY_LEVELS)
parent = is_(Role.PARENT)
school_staff = any_of(registrar, operator, leader)
answers_questions = any_of(teacher, registrar, leader, authority)

ALLOWED: dict[Action, Clause] = {
    Action.SIGN_OUT: anybody,
    Action.CHANGE_OWN_PASSWORD: anybody,
    Action.CHOOSE_POST: anybody,
    Action.SECURE_OWN_ACCOUNT: anybody,
    Action.SEE_OWN_CHILDREN: parent,
    Action.LEAVE_CHILD: parent,
    Action.CHECK_DATA: parent,
    Action.SEND_DOCUMENT: parent,
    Action.SEE_CLASS: any_of(teacher, registrar, leader),
    Action.SEE_SHEET: any_of(teacher, school_staff),
    Action.CHECK_SHEET: teacher,
    Action.UPLOAD_FOR_FAMILY: teacher,
    Action.TICK_RETURNED: any_of(teacher, registrar),
    Action.SET_CAUSE: any_of(teacher, registrar),
    Action.RESET_CODE: any_of(teacher, registrar),
    Action.REMIND: teacher,
    Action.SEND_PILE: any_of(teacher, registrar),
    Action.ASSIGN_PHOTO: any_of(teacher, registrar),
    Action.CHECK_RECEIPT: any_of(teacher, registrar),
    Action.DECIDE_GUARDIANS: any_of(teacher, registrar),
    Action.HELP_FAMILY: any_of(teacher, registrar),
    Action.CHECK_PERSONS: any_of(teacher, registrar),
    Action.SEE_ROUND: any_of(registrar, leader),
    Action.IMPORT_ROSTER: registrar,
    Action.EXPORT_ROSTER: registrar,
    Action.SEE_EXPORTS: any_of(registrar, leader, authority),
    Action.ASK_EXPORT: any_of(registrar, authority_registrar),
    Action.RELEASE_EXPORT: any_of(leader, authority),
    Action.SHOW_DOWNLOAD_CODE: registrar,
    Action.UNLOCK_SCHOOL: registrar,
    Action.PRINT_SHEETS: registrar,
    Action.HAND_OUT: registrar,
    Action.MAKE_TEACHER_LOGINS: registrar,
    Action.RECORD_MOVEMENT: registrar,
    Action.ENTER_CHANGES: any_of(registrar, operator),
    Action.APPLY: any_of(registrar, operator),
    Action.APPLY_DELETION: registrar,
    Action.SEE_PROOFS: school_staff,
    Action.PRINT_CERTIFICATES: registrar,
    Action.SEE_APPLICATIONS: any_of(school_staff, authority, authority_operator),
    Action.MAKE_CHANGE_FILE: registrar,
    Action.ACT_ON_FINDINGS: registrar,
    Action.ARCHIVE_SHEETS: registrar,
    Action.PRINT_STATEMENT: any_of(registrar, leader),
    Action.PASS_SHEETS: leader,
    Action.VERIFY_SHEETS: leader,
    Action.REVIEW: any_of(leader, registrar, authority_registrar, authority_operator),
    Action.SEE_WAITING: any_of(authority, registrar, leader),
    Action.REVIEW_AT_SCHOOL: any_of(leader, registrar),
    Action.REVIEW_AT_AUTHORITY: any_of(authority_registrar, authority_operator),
    Action.ENTER_RECORDS: authority_registrar,
    Action.SEE_QUESTIONS: answers_questions,
    Action.ANSWER_QUESTIONS: answers_questions,
    Action.SEE_FIGURES: any_of(authority, registrar, leader),
    Action.SEE_LISTS: any_of(authority, registrar, leader),
    Action.EXPORT_FIGURES: any_of(authority, registrar, leader),
    Action.PRINT_BULLETIN: authority,
    Action.SET_WINDOWS: province_registrar,
    Action.SEE_WINDOWS: any_of(authority, registrar, leader),
    Action.SEE_SETTINGS: any_of(authority, registrar),
    Action.SET_SETTINGS: any_of(authority_registrar, registrar),
    Action.MANAGE_ACCOUNTS: any_of(authority_registrar, registrar),
    Action.END_SIGN_INS: province_registrar,
    Action.WATCH_SIGN_INS: security_officer,
    Action.SEE_KEEPING: province_registrar,
    Action.SEE_AUDIT: auditor,
    Action.SEE_MORE: any_of(teacher, school_staff, authority, authority_operator),
}


def may(actor: Actor | None, action: Action) -> bool:
    """True when this actor's post allows the action; nobody may do what is not in the map."""
    if action in PUBLIC:
        return True
    return actor is not None and action in ALLOWED and ALLOWED[action](actor)

"""What routes are sent, so that a request gets as far as the question whose thing it is.

`[kind]` stands for the thing of a home (tests/access/things.py). A route may be asked with several sets, one by one.
"""

from __future__ import annotations

Sent = dict[str, str]

_CLASS: list[Sent] = [{}, {"class": "[class_id]"}]
_NAME: Sent = {"name": "[name]"}
_PAPER: Sent = {"shown": "[sheet_id ISSUED]", "returned": "[sheet_id ISSUED]"}
_PASSED = {"change_id": "change_id PASSED", "sheet_id": "sheet_id PASSED"}
_DELETION = {"application_id": "application_id deletion", "evidence_id": "evidence_id deletion"}
_IDENTITY = {"pupil_id": "pupil_id application identity", "evidence_id": "evidence_id identity"}
_AT_LEADER = {"application_id": "application_id WITH_LEADER"}
_AT_AUTHORITY = {"application_id": "application_id WITH_AUTHORITY"}
_SEAT = {"user_id": "seat_id"}
_CHILD = {"evidence_id": "evidence_id child"}
_LOOSE = {"photo_id": "photo_id loose"}

#: endpoint -> which thing of a kind its address names, where the usual one is not enough; or another filler
ALIASES: dict[str, dict[str, str]] = {
    "parents.document_picture": _CHILD,
    "parents.document_remove": _CHILD,
    "staff.evidence_picture": _CHILD,
    **dict.fromkeys(("staff.entry_change", "staff.entry_crop", "staff.columns_row"), _PASSED),
    **dict.fromkeys(("staff.entry_sheet", "staff.entry_add", "staff.entry_finish"), _PASSED),
    **dict.fromkeys(("staff.queue_sheet", "staff.queue_decide"), {"sheet_id": "sheet_id CHECKED"}),
    "staff.sheet_crop": {"change_id": "change_id CHECKED"},
    "teachers.undo_check": {"sheet_id": "sheet_id CHECKED"},
    **dict.fromkeys(("teachers.tick", "teachers.upload", "teachers.reminder_of_one"), {"sheet_id": "sheet_id ISSUED"}),
    **dict.fromkeys(("teachers.assign", "teachers.recognise", "teachers.pile_photo"), _LOOSE),
    **dict.fromkeys(
        ("staff.deletion", "staff.deletion_move", "staff.deletion_reason", "staff.deletion_upload"), _DELETION
    ),
    "staff.deletion_remove_file": _DELETION,
    **dict.fromkeys(("staff.identity_move", "staff.identity_upload", "staff.identity_number"), _IDENTITY),
    **dict.fromkeys(("staff.identity_pupil", "staff.identity_remove_file"), _IDENTITY),
    **dict.fromkeys(("staff.review_at_school", "staff.review", "staff.review_full"), _AT_LEADER),
    "staff.review_at_authority": _AT_AUTHORITY,
    **dict.fromkeys(("staff.manage_rename_seat", "staff.manage_reset_seat", "staff.manage_end_seat"), _SEAT),
    "teachers.decide_family": {"guardianship_id": "guardianship_id waiting"},
}

#: endpoint -> forms
BODIES: dict[str, Sent | list[Sent]] = {
    "teachers.tick": {"returned": "yes"},
    "teachers.set_cause": {"cause": "SICK"},
    "teachers.tick_returned_papers": _PAPER,
    "staff.tick_returned": _PAPER,
    "teachers.assign": {"sheet_id": "[sheet_id ISSUED]"},
    "teachers.recognise": {"is_it": "yes"},
    "teachers.check": {"version": "[version RECEIVED]", "signed": "y", "changed": "no"},
    "teachers.send_back": {"version": "[version RECEIVED]", "words": "请补签名"},
    "teachers.confirm_unchanged": {"sheet": "[sheet_id RECEIVED]:[version RECEIVED]"},
    "teachers.check_receipt": {"receipt": "[receipt typed]"},
    "teachers.receipt_list": {"class_id": "[class_id]"},
    "teachers.decide_family": {"decision": "yes"},
    "teachers.mark_finding": {"code": "OK"},
    "staff.open_pile": {"class_id": "[class_id]"},
    "staff.queue_pass": {"sheet": "[sheet_id CHECKED]:[version CHECKED]"},
    "staff.queue_undo": {"sheet": "[sheet_id CHECKED]:[version CHECKED]"},
    "staff.queue_verify": {"sheet": "[sheet_id ENTERED]:[version ENTERED]"},
    "staff.queue_decide": {"decision": "no", "opinion": "与户口簿不符", "version": "[version CHECKED]"},
    "staff.queue_sign_maintenance": {"step": "[step_id]"},
    "staff.queue_send_back_maintenance": {"step": "[step_id]", "reason": "与户口簿不符"},
    "staff.archive_classes": {"class": "[class_id]"},
    "staff.hand_out": [{"class": "[class_id]"}, {"run": "[run_id]"}],
    "staff.print_start": [
        {"what": "classes", "class": "[class_id]"},
        {"what": "class", "class": "[class_id]", "sheet": "[sheet_id]"},
        {"what": "nonsense"},
    ],
    "staff.print_revoke": {"reason": "印坏了"},
    "staff.login_slips": {"class": "[class_id]"},
    "staff.applications_find": _NAME,
    "staff.application_choose_named": _NAME,
    "staff.deletions_find": _NAME,
    "staff.maintenance_find": _NAME,
    "staff.manage_find_pupil": _NAME,
    "staff.reviews_find": [{"text": "[name]"}, {"text": "[school name]"}],
    "staff.application_make": {"item": "name"},
    "staff.application_act": [
        {"do": "send", "version": "[version application]"},
        {"do": "save", "version": "[version application]", "name": "林样", "reason": "名册里登记错了"},
    ],
    "staff.deletion_reason": {"version": "[version application deletion]", "reason": "重复登记"},
    "staff.deletion_move": {"version": "[version application deletion]"},
    "staff.identity_move": {"version": "[version application identity]"},
    "staff.identity_certificates_pdf": [{"pupil": "[pupil_id]"}, {"class": "[class_id]"}],
    "staff.reviews_agree": {"one": "[application_id WITH_LEADER]:[version application WITH_LEADER]"},
    "staff.reviews_undo": {"one": "[application_id WITH_LEADER]:[version application WITH_LEADER]"},
    "staff.review_at_school": {
        "decision": "no",
        "opinion": "与户口簿不符",
        "version": "[version application WITH_LEADER]",
    },
    "staff.review_at_authority": {
        "decision": "no",
        "opinion": "与户口簿不符",
        "version": "[version application WITH_AUTHORITY]",
    },
    "staff.entry_change": [
        {"do": "save", "value": "15400001234", "version": "1"},
        {"do": "refuse", "reason": "看不清", "version": "1"},
    ],
    "staff.entry_add": {"item": "postcode"},
    "staff.columns_open": {"item": "phone", "class": "[class_id]"},
    "staff.columns_finish": {"class": "[class_id]"},
    "staff.columns_row": [
        {"do": what, "value": "15400001234", "version": "1"} for what in ("save", "unclear", "undo", "nothing")
    ],
    "staff.columns_accept_typed": {"row": "[change_id PASSED]:1"},
    "staff.maintenance_save": {"do": "save", "phone": "15400001234"},
    "staff.manage_record_movement": {"kind": "21", "day": "2026-03-01", "into": "[class_id]", "version": "1"},
    "staff.manage_end_post": {"post": "[post_id]"},
    "staff.manage_give_post": {"role": "TEACHER", "place": "[class_id]"},
    "staff.manage_new_account": {"role": "TEACHER", "place": "[class_id]", "name": "林新任", "login": "lin-xin-ren"},
    "staff.manage_end_sign_ins": {"user": "[user_id]"},
    "staff.manage_sign_out_seats": {"user": "[seat_id]"},
    "staff.manage_rename_seat": {"name": "二号席"},
    "staff.exports_ask": {"kind": "roster", "place": "[class_id]", "purpose": "check"},
    "staff.round_file_taken": {"receipt": "A1"},
    "staff.round_file_refused": {"reason": "格式不对"},
    "web.answer_question": {"answer": "请重新拍一张。"},
    "web.work_in_post": {"post": "[post_id]"},
    "parents.leave_differences": {"line": "phone"},
    "parents.change_group": {"do": "save", "phone": "15400001234"},
}

#: endpoint -> what stands behind the question mark
ARGUMENTS: dict[str, Sent | list[Sent]] = {
    **dict.fromkeys(
        (
            "staff.maintenance_choose",
            "staff.application_choose",
            "staff.deletions_page",
            "staff.identity",
            "staff.doubts",
            "staff.manage_movements",
            "staff.print_page",
            "staff.entry",
            "staff.columns",
            "staff.columns_typed",
            "staff.columns_item",
            "staff.print_leaves",
        ),
        _CLASS,
    ),
    "teachers.class_list": [{}, {"done": "[sheet_id CHECKED]"}],
    "teachers.sheet": [{}, {"done": "[sheet_id CHECKED]"}],
    "teachers.findings_list": [{}, {"open": "[pupil_id]"}],
    "teachers.pile_photo": [{}, {"class_id": "[class_id]"}],
    "staff.manage_accounts": [{}, {"place": "[place_id]"}, {"show": "all"}],
    "staff.windows": [{}, {"place": "[school_id]", "look": "1"}],
    "staff.exports_new": [{}, {"kind": "roster", "place": "[class_id]"}],
    "staff.reviews": [{}, {"show": "waiting"}, {"show": "decided"}],
    "staff.queue": [{}, {"show": "pass"}, {"show": "verify"}],
    "staff.applications_list": [{}, {"show": "all"}],
}

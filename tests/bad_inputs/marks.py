"""Which test shows each of the 108 bad inputs of the security paper (4.1 to 4.4), and where the product differs.

A line is a mark, the file of a test below `tests/` and its name; what follows a blank is a case inside that test.
"""

from __future__ import annotations

REFUSED = "uploads/test_refused.py::test_each_is_refused_with_one_sentence_and_nothing_is_kept"
TAKEN = "uploads/test_taken.py::test_a_photo_gets_an_answer_and_gives_away_nothing"
ODD = "uploads/test_requests.py::test_odd_forms_are_answered_in_words_and_leave_nothing"
LENGTHS = "uploads/test_requests.py::test_lengths_that_lie_keep_nothing_and_hold_nobody"
FILES = "services/test_roster_refused.py::test_each_wrong_file_has_its_own_answer"
ROWS = "services/test_roster_rows.py::test_each_wrong_value_is_named_with_row_and_column"
FORMS = "house/test_look_staff.py::test_every_form_takes_anything"
URLS = "bad_inputs/test_urls.py::test_odd_addresses_are_answered_in_words"
CODES = "parents/test_codes.py::"

UPLOADS = {
    "U1": [f"{ODD} an empty file"],
    "U2": [f"{ODD} no fields", f"{ODD} no file name"],
    "U3": [f"{ODD} too large", f"{REFUSED} over 20 MB"],
    "U4": [LENGTHS],
    "U5": [LENGTHS],
    "U6": [f"{REFUSED} text"],
    "U7": [f"{TAKEN} png named jpeg"],
    "U8": [f"{REFUSED} svg"],
    "U9": [f"{REFUSED} pdf", "uploads/test_scans.py::test_a_file_of_scans_becomes_photos_or_is_said_to_be_none"],
    "U10": [f"{REFUSED} eps"],
    "U11": [f"{REFUSED} gif named jpeg", f"{REFUSED} apng", f"{REFUSED} moving webp"],
    "U12": [f"{REFUSED} {name}" for name in ("tiff", "bmp", "ico", "photoshop", "jpeg 2000", "dds", "fli")],
    "U13": [f"{REFUSED} png 50000 x 50000"],
    "U14": [f"{REFUSED} png 13000 x 13000"],
    "U15": [f"{REFUSED} heic 12000 x 9000"],
    "U16": [f"{TAKEN} heic that is smaller than it is", f"{TAKEN} heic that is larger than it says"],
    "U17": ["paper/test_photo_kinds.py::test_two_hundred_megapixels_are_taken", f"{TAKEN} jpeg announcing 200 MP"],
    "U18": [f"{REFUSED} progressive jpeg of 200 MP"],
    "U19": [f"{REFUSED} jpeg of hundreds of scans"],
    "U20": [f"{TAKEN} png with a text that explodes"],
    "U21": [f"{REFUSED} jpeg cut in the middle", f"{REFUSED} jpeg cut at 99 %"],
    "U22": [f"{TAKEN} jpeg with a zip behind it", f"{TAKEN} jpeg with a page behind it"],
    "U23": [f"{TAKEN} jpeg from a home", f"{TAKEN} jpeg with another picture inside"],
    "U24": ["paper/test_photo_kinds.py::test_is_turned_upright"],
    "U25": [f"{TAKEN} jpeg with broken exif", f"{TAKEN} jpeg with exif junk", f"{TAKEN} jpeg with exif in a circle"],
    "U26": [f"{TAKEN} {name}" for name in ("jpeg in cmyk", "png of 16 bits", "png of a palette", "jpeg in grey")],
    "U27": [f"{REFUSED} 1 x 1", f"{REFUSED} 1 x 30000", f"{REFUSED} 8 x 8"],
    "U28": [f"{TAKEN} black", f"{TAKEN} white", f"{TAKEN} blurred"],
    "U29": ["bad_inputs/test_corpus.py::test_what_is_taken_is_read_or_refused_and_the_reader_lives"],
    "U30": ["uploads/test_requests.py::test_the_same_photo_for_two_children_is_two_photos_of_one_file"],
    "U31": ["services/test_readings.py::test_wrong_childs_sheet_counts_for_nobody"],
    "U32": ["parents/test_photo.py::test_too_many_photos_of_one_sheet_are_refused"],
    "U33": ["uploads/test_requests.py::test_names_of_files_mean_nothing"],
    "U34": [f"{ODD} a thousand fields", f"{ODD} a long field"],
    "U35": ["uploads/test_requests.py::test_of_a_repeated_field_the_first_counts", f"{ODD} another field"],
    "U36": ["uploads/test_requests.py::test_a_sheet_that_takes_none_says_so"],
    "U37": [f"{ODD} no end", f"{REFUSED} jpeg cut in the middle"],
    "U38": ["services/test_readings.py::test_same_bytes_again_give_the_same_receipt"],
    "U39": ["uploads/test_requests.py::test_a_packed_body_is_no_form"],
    "U40": [f"{TAKEN} jpeg with a virus for tests"],
    "U41": ["services/test_readings.py::test_wrong_childs_sheet_counts_for_nobody"],
    "U42": [f"{TAKEN} a foreign code"],
}
ROSTERS = {
    "X1": ["services/test_roster_rows.py::test_a_number_as_a_number_must_be_text_and_is_never_guessed"],
    "X2": ["services/test_roster_rows.py::test_full_width_blanks_apostrophes_and_small_letters_are_put_right"],
    "X3": [ROWS, "services/test_roster_rows.py::test_an_unusual_age_and_a_long_address_only_warn"],
    "X4": [ROWS, "rules/test_normalise.py::test_superscript_and_other_digits_stay_what_they_are"],
    "X5": [
        "services/test_roster_rows.py::test_one_pupil_in_two_rows_is_told_with_both_rows",
        "services/test_roster_rows.py::test_a_pupil_of_another_school_is_refused_without_saying_where",
    ],
    "X6": ["services/test_roster_rows.py::test_formulas_are_refused_at_their_cells_whatever_they_show"],
    "X7": [
        "services/test_roster_rows.py::test_texts_that_look_like_formulas_stay_texts",
        "services/test_roster_workbook.py::test_texts_that_look_like_formulas_or_links_stay_texts",
    ],
    "X8": [
        "services/test_roster_reading.py::test_heads_may_be_swapped_spaced_starred_or_item_codes",
        "services/test_roster_reading.py::test_columns_that_are_not_read_are_named",
    ],
    "X9": ["services/test_roster_reading.py::test_hidden_rows_and_columns_are_read_and_told"],
    "X10": [
        "services/test_roster_rows.py::test_dates_may_be_written_in_many_ways",
        "services/test_roster_reading.py::test_the_other_date_system_is_told_and_dates_are_right",
    ],
    "X11": ["rules/test_roster_files.py::test_cells_that_lost_nothing_are_read"],
    "X12": ["services/test_roster_reading.py::test_a_wrong_dimension_loses_no_row"],
    "X13": ["services/test_roster_refused.py::test_a_cell_far_away_is_refused_with_its_address"],
    "X14": ["services/test_roster_refused.py::test_three_million_rows_in_a_small_file_are_refused_early"],
    "X15": ["services/test_roster_refused.py::test_a_file_that_unpacks_to_too_much_is_refused"],
    "X16": ["services/test_roster_refused.py::test_a_directory_that_lies_about_sizes_is_refused"],
    "X17": ["services/test_roster_refused.py::test_entities_and_document_types_are_refused"],
    "X18": [FILES],
    "X19": ["services/test_roster_reading.py::test_every_format_gives_the_same_pupils", FILES],
    "X20": ["services/test_roster_reading.py::test_cells_with_line_breaks_and_quotes_survive_in_csv", FILES],
    "X21": [ROWS, "rules/test_normalise.py::test_dots_in_names_become_the_middle_dot"],
    "X22": ["services/test_roster_refused.py::test_the_limit_of_rows_is_exact"],
    "X23": [FILES],
    "X24": ["bad_inputs/test_properties.py::test_no_control_character_enters_a_record"],
    "X25": ["services/test_rosters.py::test_what_changed_since_the_preview_is_looked_at_again_first"],
    "X26": ["services/test_rosters.py::test_the_same_roster_again_changes_nothing"],
    "X27": ["services/test_roster_rows.py::test_class_names_mean_classes_that_are_there"],
    "X28": ["services/test_roster_rows.py::test_nothing_more_is_said_about_rows_of_another_school"],
    "X29": ["bad_inputs/test_import_killed.py::test_a_killed_import_is_all_or_nothing"],
    "X30": ["services/test_rosters.py::test_of_two_who_confirm_at_once_one_imports"],
}
PAGES = {
    "F1": [FORMS, "parents/test_check.py::test_what_came_too_late_is_not_lost_from_sight"],
    "F2": [FORMS, "access/test_injection.py::test_no_page_takes_words_for_markup"],
    "F3": ["staff/test_reviews.py::test_search_by_name_and_by_school", FORMS],
    "F4": [FORMS, f"{URLS} no unicode"],
    "F5": [f"{URLS} a line end", FORMS],
    "F6": ["access/test_matrix.py::test_malformed_objects_do_not_exist"],
    "F7": [
        "bad_inputs/test_urls.py::test_a_page_from_before_a_restart_can_still_be_sent",
        "access/test_forgery.py::test_nothing_changes_without_the_token_of_the_page",
    ],
    "F8": [
        "services/test_rosters.py::test_two_confirms_import_once",
        "parents/test_photo.py::test_the_same_photo_twice_has_one_receipt",
    ],
    "F9": ["access/test_unlisted.py::test_no_form_takes_a_column_it_does_not_have", FORMS],
    "F10": ["rules/test_normalise.py::test_telephones_are_brought_into_one_form"],
    "F11": [
        "rules/test_passwords.py::test_what_is_tried_first_is_refused",
        "rules/test_passwords.py::test_the_longest_password_is_taken_and_no_sign_is_cut",
    ],
    "F12": [FORMS, "staff/test_odd_requests.py::test_page_without_end_of_a_list_is_empty"],
    "F13": ["web/test_account.py::test_next_never_leaves_the_site"],
    "F14": ["bad_inputs/test_urls.py::test_only_the_own_name_is_answered"],
    "F15": [
        "access/test_matrix.py::test_another_form_of_a_request_opens_nothing",
        "bad_inputs/test_urls.py::test_a_forged_name_of_a_method_changes_nothing",
    ],
    "F16": ["bad_inputs/test_urls.py::test_broken_cookies_are_nobodys"],
    "F17": [f"{URLS} {name}" for name in ("100 kB", "a zero byte", "upwards", "a slash twice")],
    "F18": ["access/test_matrix.py::test_another_form_of_a_request_opens_nothing", FORMS],
    "F19": [
        "services/test_decisions.py::test_two_leaders_at_once_leave_one_decision",
        "services/test_decisions.py::test_what_changed_meanwhile_lapses_and_is_named_in_the_queue",
    ],
    "F20": ["staff/test_reviews.py::test_a_refusal_needs_its_reason_and_is_read_in_the_next_application", FORMS],
    "F21": [
        "services/test_windows.py::test_a_window_is_open_on_its_whole_last_day",
        "parents/test_check.py::test_what_came_too_late_is_not_lost_from_sight",
    ],
    "F22": [
        "journeys/test_check.py::test_an_unchanged_child_takes_no_more_than_eight_taps",
        "journeys/test_code_script.py::test_without_scripts_the_way_on_is_there_after_five_seconds",
    ],
}
TYPED = {
    "C1": [f"{CODES}test_c1_ways_of_typing_a_code"],
    "C2": [f"{CODES}test_slips_are_told_at_the_field_and_never_counted C2 emoji"],
    "C3": ["rules/test_numbers.py::test_every_wrong_symbol_is_found"],
    "C4": ["rules/test_numbers.py::test_every_swap_is_found"],
    "C5": [f"{CODES}test_c5_two_wrong_symbols_that_fit_are_counted"],
    "C6": [f"{CODES}test_slips_are_told_at_the_field_and_never_counted C6 ten kilobytes"],
    "C7": [f"{CODES}test_c7_an_unknown_selector_is_like_a_wrong_verifier"],
    "C8": [f"{CODES}test_c8_a_right_code_too_early_or_too_late_says_so"],
    "C9": [f"{CODES}test_c9_a_claimed_code_still_opens_the_way_for_a_photo"],
    "C10": [f"{CODES}test_c10_and_c11_opening_addresses_consumes_and_reads_nothing"],
    "C11": [f"{CODES}test_c10_and_c11_opening_addresses_consumes_and_reads_nothing"],
    "C12": [f"{CODES}test_c12_signed_out_and_of_another_role_there_is_no_field"],
    "C13": [
        f"{CODES}test_c13_fifty_at_once_open_one_paper_and_use_nothing_up",
        "services/test_unlocking.py::test_fifty_at_once_give_one_unlock",
    ],
    "C14": [f"{CODES}test_c14_a_registration_code_in_the_download_field"],
}
SHOWN = UPLOADS | ROSTERS | PAGES | TYPED

#: where the product does something else than the paper expects, and why
DIFFERS = {
    "U3": "a photo above 20 MB is refused in words at its field; 413 begins at PORTAL_MAX_UPLOAD_MB",
    "U9": "the pile and applications take a PDF, which is drawn page by page in the bounded child",
    "U18": "refused above 60 MP as in the paper, at the door, without a child",
    "U19": "refused at the door by the number of scans, so no 10 s of processor time are spent",
    "U20": "taken: the text chunk is cut out before anything is unpacked",
    "U28": "kept, and its sender is told at once that it must be taken again",
    "U31": "a photo counts for the sheet it shows only, so the second child's stays unread and its sender is told",
    "U37": "no checksum by the client: a form without its end and a picture without its end are refused",
    "U38": "the key of a photo is its content, so other bytes are another photo",
    "U39": "400 instead of 415: nothing is unpacked, what is left is no form",
    "U41": "told at once whose paper is missing; it is never moved to another child by itself",
    "X9": "hidden rows are read and told, there is nothing to choose",
    "X25": "the file is kept at the preview; what changed in the database is looked at again",
    "X30": "one preview a school: a newer one takes the place of the older, one confirm imports",
    "F19": "a decision lapses and is named in the queue; nothing waits on a page of an error",
    "C9": "claiming does not end the right to send photos; a second guardian asks to join",
}

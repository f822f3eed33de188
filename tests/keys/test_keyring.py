"""Keys per purpose, data keys per school and round, blind indexes."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.keys import BlindIndex, KeyFile, Keyring, Tampered

SCOPE = "school 97010001|2025"


def test_each_purpose_has_its_own_key_and_keeps_it(keyring: Keyring, keyfile: KeyFile) -> None:
    labels = ["cookie", "csrf", "paper", "codes", "receipts", "blobs", "audit", "blind|name"]
    keys = [keyring.derive(label) for label in labels]
    assert len({*keys, keyfile.root, *keyfile.keys.values()}) == len(labels) + 2
    assert all(len(key) == 32 for key in keys)
    assert [Keyring(KeyFile.load(keyfile.path)).derive(label) for label in labels] == keys


def test_rotation_of_the_wrapping_key_changes_no_derived_key(keyring: Keyring, keyfile: KeyFile) -> None:
    after = Keyring(keyfile.with_new_key())
    assert after.derive("cookie") == keyring.derive("cookie")
    assert after.blind("name", "张三") == keyring.blind("name", "张三")
    assert after.check_value == keyring.check_value


def test_another_key_file_is_noticed_by_its_check_value(keyring: Keyring, tmp_path: Path) -> None:
    assert Keyring(KeyFile.create(tmp_path / "other.key")).check_value != keyring.check_value
    assert len(keyring.check_value) == 16


def test_a_data_key_opens_with_its_own_number_and_scope_only(keyring: Keyring) -> None:
    dek, wrapped = keyring.new_data_key(7, SCOPE)
    assert keyring.unwrap(wrapped, 7, SCOPE) == dek
    assert dek not in wrapped
    for number, scope in [(8, SCOPE), (7, "school 97010002|2025"), (7, "")]:
        with pytest.raises(Tampered):
            keyring.unwrap(wrapped, number, scope)


def test_no_bit_of_a_wrapped_key_can_be_changed(keyring: Keyring) -> None:
    _, wrapped = keyring.new_data_key(7, SCOPE)
    for at in range(len(wrapped) * 8):
        changed = bytearray(wrapped)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(Tampered):
            keyring.unwrap(bytes(changed), 7, SCOPE)
    for wrong in (b"", wrapped[:-1], wrapped + b"\0"):
        with pytest.raises(Tampered):
            keyring.unwrap(wrong, 7, SCOPE)


def test_after_rotation_old_data_keys_open_and_can_be_rewrapped(keyfile: KeyFile) -> None:
    dek, wrapped = Keyring(keyfile).new_data_key(1, SCOPE)
    both = keyfile.with_new_key()
    keyring = Keyring(both)
    assert keyring.unwrap(wrapped, 1, SCOPE) == dek
    assert keyring.needs_rewrap(wrapped)
    again = keyring.rewrap(wrapped, 1, SCOPE)
    assert not keyring.needs_rewrap(again)
    alone = Keyring(both.without_key(1))
    assert alone.unwrap(again, 1, SCOPE) == dek
    with pytest.raises(Tampered, match="not in the key file"):
        alone.unwrap(wrapped, 1, SCOPE)


def test_a_blind_index_ignores_case_width_blanks_and_invisible_signs(keyring: Keyring) -> None:
    first = keyring.blind("id_number", "97010120120101001X")
    for written in [
        "97010120120101001x",
        " 970101 20120101 001X\t",
        "９７０１０１２０１２０１０１００１Ｘ",
        "970101\u200b20120101001X",
    ]:
        assert keyring.blind("id_number", written) == first
    assert keyring.blind("id_number", "970101201201010011") != first
    assert len(first) == 32


def test_a_blind_index_is_keyed_and_of_one_column(keyring: Keyring) -> None:
    text = "97010120120101001X"
    assert keyring.blind("id_number", text) != keyring.blind("student_number", text)
    assert keyring.blind("id_number", text) != hashlib.sha256(text.encode()).digest()
    assert BlindIndex(keyring.derive("blind|id_number"))(text) == keyring.blind("id_number", text)


@pytest.mark.parametrize("blank", ["", " ", "\u3000\n", "\u200b"])
def test_a_blank_text_has_no_blind_index(keyring: Keyring, blank: str) -> None:
    with pytest.raises(ValueError, match="blank"):
        keyring.blind("phone", blank)


@given(st.text(min_size=1, max_size=30))
def test_texts_differ_only_by_blanks_or_case_or_not_at_all(text: str) -> None:
    index = BlindIndex(b"k" * 32)
    try:
        made = index(text)
    except ValueError:
        return
    assert index(f" {text} ") == made
    assert index(text.upper()) == made


def test_a_purpose_without_a_name_is_refused(keyring: Keyring, keyfile: KeyFile) -> None:
    with pytest.raises(ValueError, match="label"):
        keyring.derive("")
    assert repr(keyfile.root) not in repr(keyring)
    with pytest.raises(ValueError, match="32 bytes"):
        keyring.wrap(b"short", 1, SCOPE)

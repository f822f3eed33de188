from pathlib import Path

import pytest

from portal.keys import KeyFile, Keyring


@pytest.fixture
def keyfile(tmp_path: Path) -> KeyFile:
    return KeyFile.create(tmp_path / "secret" / "portal.key")


@pytest.fixture
def keyring(keyfile: KeyFile) -> Keyring:
    return Keyring(keyfile)

"""STORAGE_URL, and what only an S3 store can do wrong."""

import socket
from pathlib import Path

import pytest

from portal.files import BlobStore, LocalStore, StoreFailed, StoreUrlError, open_store
from portal.files.s3 import S3Store
from tests.files.conftest import DEK, SCOPE


def test_a_folder_is_opened_also_with_chinese_and_blanks_in_its_name(tmp_path: Path) -> None:
    store = open_store((tmp_path / "照片 97").as_uri())
    assert isinstance(store, LocalStore)
    store.put(SCOPE, b"photo", DEK, 3)
    assert (tmp_path / "照片 97" / ".incoming").is_dir()


WRONG = [
    "",
    "/plain/path",
    "file://relative/path",
    "file:relative",
    "file:///",
    "file:///tmp/x?endpoint=y",
    "http://host/x",
    "s3://",
    "s3:///prefix",
    "s3://key:secret@bucket/prefix",
    "s3://bucket:99/prefix",
    "s3://bucket/p?endpont=https://host",
    "s3://bucket/p?endpoint=host:9000",
    "s3://bucket/p?endpoint",
    "s3://[bucket",
]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StoreUrlError) as refused:
        open_store(url)
    assert "secret" not in str(refused.value)


def test_an_s3_address_names_bucket_prefix_endpoint_and_region() -> None:
    store = open_store("s3://photos/round/2025/?endpoint=https://store.example.cn&region=cn-1")
    assert isinstance(store, S3Store)
    assert store._key("ab" * 32) == f"round/2025/ab/ab/{'ab' * 32}"
    assert store._client.meta.endpoint_url == "https://store.example.cn"
    assert store._client.meta.region_name == "cn-1"


def test_a_store_that_does_not_answer_fails_and_acknowledges_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        store = open_store(f"s3://photos?endpoint=http://127.0.0.1:{free.getsockname()[1]}&region=us-east-1")
        for act in (lambda: store.put(SCOPE, b"photo", DEK, 3), lambda: store.get("ab" * 32, DEK)):
            with pytest.raises(StoreFailed):
                act()


def test_a_missing_bucket_is_an_error_of_the_store(s3: BlobStore) -> None:
    s3._bucket = "nowhere"  # type: ignore[attr-defined]
    with pytest.raises(StoreFailed, match="NoSuchBucket"):
        s3.put(SCOPE, b"photo", DEK, 3)
    with pytest.raises(StoreFailed, match="NoSuchBucket"):
        list(s3.walk())


def test_a_walk_passes_over_strangers_and_other_prefixes(s3: BlobStore) -> None:
    blob = s3.put(SCOPE, b"photo", DEK, 3)
    client = s3._client  # type: ignore[attr-defined]
    for key in (f"elsewhere/{blob.address}", s3._key(blob.address) + ".txt", s3._prefix + blob.address):  # type: ignore[attr-defined]
        client.put_object(Bucket="photos", Key=key, Body=b"")
    assert [found.address for found in s3.walk()] == [blob.address]

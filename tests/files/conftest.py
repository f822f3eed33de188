import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.files import BlobStore, LocalStore, open_store

DEK = bytes(range(7, 39))
SCOPE = "97010001|2025"

# the package without its __init__: these processes need the store, not the whole app
BARE = """
import importlib.util, os, sys
sys.modules["portal"] = importlib.util.module_from_spec(importlib.util.find_spec("portal"))
from portal.files import LocalStore
store = LocalStore(sys.argv[1])
"""


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "files")


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 server in this process, on a free local port."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> BlobStore:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    store = open_store(f"s3://photos/{os.urandom(4).hex()}?endpoint={s3_endpoint}&region=us-east-1")
    client = store._client  # type: ignore[attr-defined]
    client.create_bucket(Bucket="photos")
    return store


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest) -> BlobStore:
    return request.getfixturevalue(request.param)

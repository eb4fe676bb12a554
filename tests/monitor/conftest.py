"""The console as analysts see it, over whatever store a file of tests has."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient
from web_rows import DESK, client

from monitor.store.engine import Store


@pytest.fixture
def site(store: Store) -> TestClient:
    return client(store, settings=DESK)

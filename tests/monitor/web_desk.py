"""An analyst at the console: signs in, and reads what a page says."""

from __future__ import annotations

import re

from starlette.testclient import TestClient
from web_rows import TOKENS


def sign_in(site: TestClient, name: str = "anna") -> None:
    site.post("/review/login", data={"token": TOKENS[name]}, follow_redirects=False)


def words(html: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())

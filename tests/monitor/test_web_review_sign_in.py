"""Who may say something, on the page and at the API."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs
from web_rows import DESK, NOW, TOKENS, as_analyst, client, newsroom

from monitor.config import Settings, load_settings
from monitor.errors import ConfigError
from monitor.store.engine import Store, open_store
from monitor.web.auth import COOKIE

API = (
    ("GET", "/api/v1/review/next"),
    ("POST", "/api/v1/verdicts"),
    ("GET", "/api/v1/alerts/alert1/verdicts"),
    ("POST", "/api/v1/alerts/alert1/verdicts"),
    ("GET", "/api/v1/alerts/alert1/acknowledgements"),
    ("POST", "/api/v1/alerts/alert1/acknowledgements"),
    ("GET", "/api/v1/near-misses"),
    ("GET", "/api/v1/analysts"),
)


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    newsroom(sqlite_store)
    return sqlite_store


def sign_in(site: TestClient, token: str, **headers: str) -> int:
    form = {"token": token, "back": "/alerts/alert1"}
    answer = site.post("/review/login", data=form, headers=headers, follow_redirects=False)
    return answer.status_code


def signed_in(site: TestClient) -> bool:
    return "Sign out" in site.get("/alerts/alert1").text


@pytest.mark.parametrize(("method", "path"), API)
@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong-token-0123456789", f"Basic {TOKENS['anna']}", TOKENS["anna"]],
)
def test_the_api_asks_who_is_there_in_one_line(
    store: Store, method: str, path: str, authorization: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = client(store, settings=DESK).request(method, path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert list(answer.json()) == ["detail"]
    assert "Authorization: Bearer TOKEN" in answer.json()["detail"]
    assert "wrong-token" not in answer.text


@pytest.mark.parametrize(("method", "path"), API)
def test_without_analysts_the_api_says_how_to_have_some(
    store: Store, method: str, path: str
) -> None:
    answer = client(store).request(method, path, headers=as_analyst("anna"))
    assert answer.status_code == 403
    assert "add [[analysts]] with a name and a token_file" in answer.json()["detail"]


def test_a_token_signs_in_and_comes_back_to_where_one_was(store: Store) -> None:
    site = client(store, settings=DESK)
    form = {"token": f" {TOKENS['ben']}\n", "back": "/alerts/alert1"}
    answer = site.post("/review/login", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts/alert1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert TOKENS["ben"] not in cookie
    assert re.search(r'class="who".*ben', site.get("/").text)


def test_behind_https_the_cookie_goes_over_https_alone(store: Store) -> None:
    web = DESK.web.model_copy(update={"public_url": "https://news.example.com"})
    site = client(store, settings=DESK.model_copy(update={"web": web}))
    answer = site.post("/review/login", data={"token": TOKENS["ben"]}, follow_redirects=False)
    assert "Secure" in answer.headers["set-cookie"]


def test_signing_out_ends_it(store: Store) -> None:
    site = client(store, settings=DESK)
    sign_in(site, TOKENS["anna"])
    assert signed_in(site)
    site.post("/review/logout")
    assert not signed_in(site)


@pytest.mark.parametrize("token", ["", "wrong-token-0123456789", "é" * 20, "anna"])
def test_a_wrong_token_is_refused_and_told_nowhere(store: Store, token: str) -> None:
    site = client(store, settings=DESK)
    with capture_logs() as logs:
        answer = site.post("/review/login", data={"token": token})
    assert answer.status_code == 403
    assert "This token is not known" in answer.text
    assert not token or token not in answer.text + str(logs)
    assert not signed_in(site)


def test_a_cookie_that_we_did_not_sign_is_nobodys(store: Store, tmp_path: Path) -> None:
    site = client(store, settings=DESK)
    sign_in(site, TOKENS["anna"])
    ours = site.cookies[COOKIE]
    other_end = "A" if ours[-2] != "A" else "B"  # of the last character two bits say nothing
    for forged in (ours[:-2] + other_end + ours[-1], "anna", "", "a.b.c"):
        site.cookies.set(COOKIE, forged, domain="testserver.local", path="/")
        assert not signed_in(site), forged
    elsewhere = open_store(f"sqlite:///{tmp_path}/other.db")
    newsroom(elsewhere)
    other = client(elsewhere, settings=DESK)
    other.cookies.set(COOKIE, ours)
    assert not signed_in(other)
    elsewhere.close()


def test_a_sign_in_ends_with_its_days_and_with_its_token(store: Store) -> None:
    now = [NOW]
    site = client(store, settings=DESK, clock=lambda: now[0])
    sign_in(site, TOKENS["anna"])
    now[0] = NOW + timedelta(days=7, seconds=-1)
    assert signed_in(site)
    now[0] = NOW + timedelta(days=7)
    assert not signed_in(site)
    cookie = site.cookies[COOKIE]
    for analysts in (
        [{"name": "anna", "token": "a-new-token-0123456789"}],
        [{"name": "ben", "token": TOKENS["anna"]}],
    ):
        changed = client(store, settings=Settings.model_validate({"analysts": analysts}))
        changed.cookies.set(COOKIE, cookie)
        assert not signed_in(changed)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/review/login", "/review/logout", "/review", "/alerts/alert1/verdict"]
)
def test_forms_of_other_sites_are_turned_away(
    store: Store, path: str, headers: dict[str, str]
) -> None:
    site = client(store, settings=DESK)
    sign_in(site, TOKENS["anna"])
    form = {"token": TOKENS["ben"], "reason": "real"}
    answer = site.post(path, data=form, headers=headers)
    assert answer.status_code == 403
    assert "nothing was recorded" in answer.text
    page = site.get("/alerts/alert1").text
    assert re.search(r'class="who".*anna', page)
    assert "pending" in page


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}],
)
def test_our_own_forms_are_taken(store: Store, headers: dict[str, str]) -> None:
    assert sign_in(client(store, settings=DESK), TOKENS["anna"], **headers) == 303


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "x", ""]
)
def test_a_sign_in_leads_nowhere_else(store: Store, back: str) -> None:
    form = {"token": TOKENS["anna"], "back": back}
    answer = client(store, settings=DESK).post("/review/login", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/review"


def test_the_tokens_stand_in_no_page(store: Store) -> None:
    site = client(store, settings=DESK)
    sign_in(site, TOKENS["anna"])
    for path in ("/", "/review", "/review/login", "/alerts/alert1", "/metrics", "/near-misses"):
        html = site.get(path).text
        assert not any(token in html for token in TOKENS.values()), path


def test_a_page_for_analysts_asks_for_a_token_first(store: Store) -> None:
    site = client(store, settings=DESK)
    for path, back in (("/near-misses", "%2Fnear-misses"), ("/review", "%2Freview")):
        answer = site.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"/review/login?back={back}",
        )
    page = client(store).get("/review/login").text
    assert "no analysts are configured" in page
    assert "[[analysts]]" in page


def test_who_is_signed_in_already_is_led_on(store: Store) -> None:
    site = client(store, settings=DESK)
    sign_in(site, TOKENS["anna"])
    answer = site.get("/review/login?back=/alerts/alert1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts/alert1")


@pytest.mark.parametrize(
    ("analysts", "fault"),
    [
        ([("anna", "0123456789abcdef"), ("ben", "0123456789abcdef")], "anna and ben have the same"),
        ([("anna", "0123456789abcdef"), ("anna", "fedcba9876543210")], "named twice: anna"),
        ([("mail:desk", "0123456789abcdef")], "begins the names of those who answer by mail"),
        ([("an\u202ena", "0123456789abcdef")], "made of characters that can be printed"),
        ([("anna", "0123456789abcde")], "at least 16"),
    ],
)
def test_a_desk_that_cannot_be_told_apart_is_refused_without_its_tokens(
    tmp_path: Path, analysts: list[tuple[str, str]], fault: str
) -> None:
    file = tmp_path / "desk.toml"
    tables = (f'[[analysts]]\nname = "{name}"\ntoken = "{token}"\n' for name, token in analysts)
    file.write_text("".join(tables))
    with pytest.raises(ConfigError, match=fault) as caught:
        load_settings(file)
    assert not any(token in str(caught.value) for _, token in analysts)

"""Secrets come from files and variables; what a configuration holds itself is named, not shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.config import Settings, load_settings, read_toml
from monitor.config_receivers import ChatReceiver, EmailReceiver, WebhookReceiver
from monitor.config_secrets import literal_secrets
from monitor.errors import ConfigError

TOKEN = "a-token-of-twenty-odd-letters"
MAIL = 'kind = "email"\nname = "desk"\nhost = "mail.example"\nsender = "a@x.example"\n'
RECEIVERS = f"""
[[receivers]]
{MAIL}recipients = ["b@x.example"]
password_PLACE

[[receivers]]
kind = "webhook"
name = "hook"
url = "https://hook.example"
secret_PLACE

[[receivers]]
kind = "chat"
name = "room"
url_PLACE

[[analysts]]
name = "anna"
token_PLACE
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "downdraft.toml"
    file.write_text(text)
    return file


def secrets(settings: Settings) -> list[str]:
    mail, hook, room = settings.receivers
    assert isinstance(mail, EmailReceiver)
    assert isinstance(hook, WebhookReceiver)
    assert isinstance(room, ChatReceiver)
    kept = (mail.password, hook.secret, room.url, settings.analysts[0].token)
    return [one.get_secret_value() for one in kept]


@pytest.mark.parametrize("name", ["SMTP_PASSWORD", "DOWNDRAFT_SECRET_SMTP"])
def test_a_variable_that_the_file_names_holds_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, f"{TOKEN}\n")
    file = written(tmp_path, RECEIVERS.replace("PLACE", f'env = "{name}"'))
    assert secrets(load_settings(file)) == [TOKEN] * 4


def test_a_file_that_the_file_names_holds_the_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{TOKEN}\n")
    file = written(tmp_path, RECEIVERS.replace("PLACE", f'file = "{tmp_path}/secret"'))
    assert secrets(load_settings(file)) == [TOKEN] * 4


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ('token_env = "NOBODY_SET_IT"', "token_env: the environment has no NOBODY_SET_IT"),
        ('token_file = "/nowhere/at/all"', "token_file: /nowhere/at/all cannot be read"),
        ('token_file = "/x"\ntoken_env = "Y"', "token_file and token_env: give one of them"),
        (f'token = "{TOKEN}"\nname_env = "HOME"', "unknown key"),
    ],
)
def test_a_secret_that_is_not_there_is_one_line(tmp_path: Path, place: str, told: str) -> None:
    file = written(tmp_path, f'[[analysts]]\nname = "anna"\n{place}\n')
    with pytest.raises(ConfigError) as refused:
        load_settings(file)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("place", ["file", "env"])
def test_the_stores_url_may_lie_outside_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    url = "postgresql+psycopg://down:draft@db.example/downdraft"
    (tmp_path / "url").write_text(f"{url}\n")
    monkeypatch.setenv("STORE_URL", url)
    where = {"file": f"{tmp_path}/url", "env": "STORE_URL"}[place]
    file = written(tmp_path, f'[store]\nurl_{place} = "{where}"\n')
    assert load_settings(file).store.url == url
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", "sqlite:///tried.db")
    assert load_settings(file).store.url == "sqlite:///tried.db"
    monkeypatch.setenv(f"DOWNDRAFT_STORE__URL_{place.upper()}", where)
    assert load_settings(file).store.url == url
    monkeypatch.delenv("DOWNDRAFT_STORE__URL")
    assert load_settings(written(tmp_path, '[store]\nurl = "sqlite:///a.db"\n')).store.url == url


def test_what_is_read_from_outside_can_be_told_to_a_process_that_cannot_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE_URL", "sqlite:///kept.db")
    settings = load_settings(written(tmp_path, '[store]\nurl_env = "STORE_URL"\n'))
    monkeypatch.delenv("STORE_URL")
    told = json.loads(json.dumps(settings.model_dump(mode="json", include={"store"})))
    assert Settings(**told).store.url == "sqlite:///kept.db"


@pytest.mark.parametrize(
    "name", ["DOWNDRAFT_ANALYSTS__0__TOKEN", "DOWNDRAFT_RECEIVERS__0__PASSWORD"]
)
def test_a_part_of_a_list_in_a_variable_is_refused_with_the_way_that_works(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, TOKEN)
    with pytest.raises(ConfigError) as refused:
        load_settings(None)
    key = name.rpartition("__")[2]
    assert name in str(refused.value)
    assert f'{key.lower()}_env = "DOWNDRAFT_SECRET_{key}"' in str(refused.value)
    assert TOKEN not in str(refused.value)


def test_what_a_file_holds_itself_is_named_and_never_shown(tmp_path: Path) -> None:
    literal = RECEIVERS.replace("_PLACE", f' = "{TOKEN}"')
    url = f'[store]\nurl = "postgresql+psycopg://down:{TOKEN}@db.example/downdraft"\n'
    found = list(literal_secrets(read_toml(written(tmp_path, url + literal))))
    assert found == [
        "[[receivers]] desk: password",
        "[[receivers]] hook: secret",
        "[[receivers]] room: url",
        "[[analysts]] anna: token",
        "[store] url, which holds a password",
    ]


def test_a_file_without_secrets_is_said_nothing_of(tmp_path: Path) -> None:
    text = '[store]\nurl = "postgresql+psycopg://down@db.example/downdraft"\n'
    places = text + RECEIVERS.replace("PLACE", 'file = "/run/secrets/one"')
    assert list(literal_secrets(read_toml(written(tmp_path, places)))) == []

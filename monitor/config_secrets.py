"""Where secrets lie: in files, in variables, and where they should not, in the configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import model_validator

from monitor.config_detect import Section

# By the kind of a receiver, else by the table.
_SECRETS = {"email": "password", "webhook": "secret", "chat": "url", "analysts": "token"}


class WithSecret(Section):
    """Takes `<key>` from the file that `<key>_file` names, or from the variable `<key>_env`."""

    @model_validator(mode="before")
    @classmethod
    def _read_secrets(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        for key in cls.model_fields:
            if cls.model_fields.keys() >= set(places_of(key)) and values.keys() & places_of(key):
                values = _with_secret(values, key)
        return values


def _with_secret(values: dict[str, Any], key: str) -> dict[str, Any]:
    """The values with `key` in the place of where it lies."""
    file, variable = values.get(f"{key}_file"), values.get(f"{key}_env")
    if file and variable:
        raise ValueError(f"{key}_file and {key}_env: give one of them")
    kept = {name: value for name, value in values.items() if name not in places_of(key)}
    if file:
        return {**kept, key: _from_file(file, f"{key}_file")}
    return {**kept, key: _from_variable(variable, f"{key}_env")} if variable else kept


def places_of(key: str) -> tuple[str, str]:
    """The keys that say where a secret lies."""
    return f"{key}_file", f"{key}_env"


def _from_file(path: str | Path, key: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise ValueError(f"{key}: {path} cannot be read: {reason}") from error


def _from_variable(name: str, key: str) -> str:
    found = os.environ.get(name, "").strip()
    if not found:
        raise ValueError(f"{key}: the environment has no {name}; set it for whoever starts us")
    return found


def literal_secrets(toml: Mapping[str, Any]) -> Iterator[str]:
    """The secrets that a configuration file holds itself, each by its key; never what they are."""
    for table in ("receivers", "analysts"):
        for entry in toml.get(table, ()):
            key = _SECRETS.get(entry.get("kind", table), "")
            if entry.get(key):
                yield f"[[{table}]] {entry.get('name', 'without a name')}: {key}"
    url = urlsplit(str(toml.get("store", {}).get("url", "")))
    if url.password or "password=" in url.query:
        yield "[store] url, which holds a password"

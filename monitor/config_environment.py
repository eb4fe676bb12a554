"""What DOWNDRAFT_… variables may say, and what they outweigh in the file."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection
from typing import Any

from monitor.config_secrets import places_of
from monitor.errors import ConfigError

PREFIX = "DOWNDRAFT_"
SECRET = f"{PREFIX}SECRET_"  # what *_env names; processes that we start do not see it
_LISTS = ("analysts", "feeds", "receivers", "watch")
_NOT_SETTINGS = ("test_postgres_url",)  # read by the tests only


def refuse_unknown_variables(sections: Collection[str]) -> None:
    """Raises ConfigError where a variable sets nothing, one line."""
    for name in os.environ:
        if name.startswith(PREFIX) and not name.startswith(SECRET):
            _refuse_unknown(name, sections)


def _refuse_unknown(name: str, sections: Collection[str]) -> None:
    section, *keys = name.removeprefix(PREFIX).lower().split("__")
    if section in _LISTS and keys:
        raise ConfigError(
            f"environment: {name}: {section} can be set as a whole only, as JSON in "
            f"{PREFIX}{section.upper()}; for a secret write {keys[-1]}_env = "
            f'"{SECRET}{keys[-1].upper()}" under [[{section}]] and set that variable'
        )
    if section not in (*sections, *_NOT_SETTINGS):
        near = difflib.get_close_matches(section, sections, n=1)
        hint = f"did you mean {near[0]}?" if near else "remove it"
        raise ConfigError(f"environment: {name}: unknown key; {hint}")


def not_overridden(values: dict[str, Any]) -> dict[str, Any]:
    """The file's values, without the places of the store's URL if the environment has the URL."""
    store = values.get("store")
    if f"{PREFIX}STORE__URL" not in os.environ or not isinstance(store, dict):
        return values
    kept = {key: value for key, value in store.items() if key not in places_of("url")}
    return {**values, "store": kept}

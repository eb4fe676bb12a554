"""The configuration: one TOML file, overridden by DOWNDRAFT_… variables, secrets from outside.

Every key has a default; an unknown key is an error that names its nearest neighbour.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from alerts.types import Stream
from monitor.config_detect import ALL_NEWS, DetectSection, Section
from monitor.config_environment import not_overridden, refuse_unknown_variables
from monitor.config_learn import LearnSection, ReviewSection
from monitor.config_owners import Owned
from monitor.config_receivers import Receiver
from monitor.config_secrets import WithSecret
from monitor.errors import ConfigError
from policy.types import TOPICS


class StoreSection(WithSecret):
    url: str = "sqlite:///downdraft.db"  # may hold a password
    url_file: Path | None = None
    url_env: str = ""


class WebSection(Section):
    host: str = "127.0.0.1"
    port: int = Field(8377, ge=0, le=65535)
    public_url: str = Field(default_factory=lambda web: f"http://127.0.0.1:{web['port']}")


class PolicySection(Section):
    checkpoint: str = ""  # a checkpoint directory; empty: the one that ships
    device: Literal["auto", "cpu", "cuda"] = "auto"
    batch: int = Field(256, ge=1, le=4096)


class PollSection(Section):
    interval_s: int = Field(300, ge=10)
    timeout_s: float = Field(20, gt=0)
    max_bytes: int = Field(10_000_000, ge=10_000)
    workers: int = Field(8, ge=1, le=64)
    user_agent: str = "downdraft/0.1 (feed monitor)"
    allow_private: bool = False  # feeds on private or loopback addresses
    shared_hosts: frozenset[str] = frozenset()  # whose feeds have nothing to do with each other


class PruneSection(Section):
    keep_days: int = Field(400, ge=30)


class LogSection(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class FeedEntry(Section):
    url: str = Field(pattern=r"^https?://")
    name: str = ""
    origin: str = ""  # the outlet; empty: taken from the URL's host
    interval_s: int | None = Field(None, ge=10)
    language: Literal["en", "any"] = "en"  # what is counted: what the policy reads, or all


class WatchEntry(Section):
    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()  # of the name that are watched by themselves too

    @field_validator("topics")
    @classmethod
    def _topics_exist(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        for word in topics:
            if word not in TOPICS:
                raise ValueError(_is_not("a topic", word, TOPICS))
        return tuple(dict.fromkeys(topics))


class AnalystEntry(WithSecret):
    name: str = Field(min_length=1, max_length=64)
    token: SecretStr = Field(min_length=16)
    token_file: Path | None = None
    token_env: str = ""

    @field_validator("name")
    @classmethod
    def _is_a_person(cls, name: str) -> str:
        if name.startswith("mail:"):  # as monitor.store.alert_verdicts.MAIL has it
            raise ValueError("mail: begins the names of those who answer by mail; choose another")
        if not name.isprintable() or not name.strip():
            raise ValueError("a name is made of characters that can be printed; choose another")
        return name


class Settings(BaseSettings):
    """Everything that an operator may set."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="DOWNDRAFT_", env_nested_delimiter="__"
    )

    store: StoreSection = StoreSection()
    web: WebSection = WebSection()
    policy: PolicySection = PolicySection()
    poll: PollSection = PollSection()
    detect: DetectSection = DetectSection()
    prune: PruneSection = PruneSection()
    log: LogSection = LogSection()
    feeds: tuple[FeedEntry, ...] = ()
    watch: tuple[WatchEntry, ...] = ()
    owners: Owned = {}
    receivers: tuple[Receiver, ...] = ()
    learn: LearnSection = LearnSection()
    review: ReviewSection = ReviewSection()
    analysts: tuple[AnalystEntry, ...] = ()

    @model_validator(mode="after")
    def _weights_are_of_what_is_watched(self) -> Settings:
        pairs = (str(Stream(topic, one.name)) for one in self.watch for topic in one.topics)
        watched = {ALL_NEWS, *self.detect.topics, *(one.name for one in self.watch), *pairs}
        unknown = sorted(self.detect.weights.keys() - watched)
        if unknown:
            raise ValueError(f"detect.weights: {_is_not('watched', unknown[0], sorted(watched))}")
        return self

    @model_validator(mode="after")
    def _receivers_are_told_of_what_is_watched(self) -> Settings:
        watched = {
            "topics": {ALL_NEWS, *self.detect.topics},
            "names": {entry.name for entry in self.watch},
        }
        for receiver in self.receivers:
            for key, known in watched.items():
                if unknown := sorted(set(getattr(receiver, key)) - known):
                    fault = _is_not("watched", unknown[0], sorted(known))
                    raise ValueError(f"receiver {receiver.name}: {key}: {fault}")
        return self

    @model_validator(mode="after")
    def _tokens_are_unique(self) -> Settings:
        """One token, one name. The token itself is not said."""
        whose: dict[str, str] = {}
        for one in self.analysts:
            other = whose.setdefault(one.token.get_secret_value(), one.name)
            if other != one.name:
                raise ValueError(f"[[analysts]] {other} and {one.name} have the same token")
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> Settings:
        for what, names in (
            ("receivers", [receiver.name for receiver in self.receivers]),
            ("watch", [entry.name for entry in self.watch]),
            ("feeds", [entry.url for entry in self.feeds]),
            ("analysts", [entry.name for entry in self.analysts]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"[[{what}]] named twice: {', '.join(twice)}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The environment overrides the file, which arrives as keyword arguments.
        return env_settings, init_settings


def load_settings(path: Path | None) -> Settings:
    """Reads `path`, or only the environment where it is None. Raises ConfigError, one line."""
    where = str(path) if path else "environment"
    refuse_unknown_variables(Settings.model_fields)
    try:
        return Settings(**(not_overridden(read_toml(path)) if path else {}))
    except ValidationError as error:
        raise ConfigError(f"{where}: {_first_fault(error)}") from error


def read_toml(path: Path) -> dict[str, Any]:
    """What the file says, as it stands there. Raises ConfigError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; give --config an existing TOML file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"]) or "configuration"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if fault["type"] == "extra_forbidden":
        return f"{place}: unknown key{_did_you_mean(fault['loc'])}{more}"
    return f"{place}: {fault['msg'].removeprefix('Value error, ')}{more}"


def _is_not(what: str, word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"{word} is not {what}{f'; did you mean {near[0]}?' if near else ''}"


def _did_you_mean(loc: tuple[int | str, ...]) -> str:
    model: Any = Settings
    for part in loc[:-1]:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        model = field.annotation if field is not None else model
        if not isinstance(model, type):
            return ""
    near = difflib.get_close_matches(str(loc[-1]), list(model.model_fields), n=1)
    return f"; did you mean {near[0]}?" if near else "; remove it"

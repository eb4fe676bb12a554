"""The part of the configuration that says who is told, and how secrets come in from files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, model_validator

from alerts.types import Kind
from monitor.config_detect import Section


class WithSecret(Section):
    """Reads `<key>_file` into `<key>`, for secrets kept outside the configuration."""

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        for key in [key for key in values if key.endswith("_file") and key != "ca_file"]:
            values = {**values, key.removesuffix("_file"): _secret_from(values[key], key)}
        return values


class Told(WithSecret):
    """Of what a receiver is told: of everything, unless something is named."""

    name: str = Field(min_length=1)
    topics: tuple[str, ...] = ()  # "all news": of the whole too
    names: tuple[str, ...] = ()  # of the watch-list
    kinds: tuple[Kind, ...] = ()


class EmailReceiver(Told):
    kind: Literal["email"]
    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    ca_file: Path | None = None
    sender: str
    recipients: tuple[str, ...] = Field(min_length=1)


class WebhookReceiver(Told):
    kind: Literal["webhook"]
    url: str = Field(pattern=r"^https?://")
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None


class ChatReceiver(Told):
    kind: Literal["chat"]
    url: SecretStr = Field(min_length=1)  # as Apprise spells it: it holds the token
    url_file: Path | None = None


Receiver = Annotated[EmailReceiver | WebhookReceiver | ChatReceiver, Field(discriminator="kind")]


def _secret_from(path: str | Path, key: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"{key}: {path} cannot be read: {error.strerror}") from error

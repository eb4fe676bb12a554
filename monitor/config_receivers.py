"""The part of the configuration that says who is told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from alerts.types import Kind
from monitor.config_secrets import WithSecret


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
    password_env: str = ""
    ca_file: Path | None = None
    sender: str
    recipients: tuple[str, ...] = Field(min_length=1)


class WebhookReceiver(Told):
    kind: Literal["webhook"]
    url: str = Field(pattern=r"^https?://")
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    secret_env: str = ""


class ChatReceiver(Told):
    kind: Literal["chat"]
    url: SecretStr = Field(min_length=1)  # as Apprise spells it: it holds the token
    url_file: Path | None = None
    url_env: str = ""


Receiver = Annotated[EmailReceiver | WebhookReceiver | ChatReceiver, Field(discriminator="kind")]

"""Webhooks as Standard Webhooks 1.0.0 has them: signed, repeatable by id, patient.

2xx is success. 410 Gone is the receiver's wish to hear no more: permanent. Everything else is
tried again over the whole schedule of `alerts.dispatch`, also 400, 401 and 404 and also a redirect
(never followed): as a rule the receiver or its settings are being mended, and the alert should go
out when they are. Retry-After counts on every refusal.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
from standardwebhooks import Webhook

from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery

_SECRET_BYTES = range(24, 65)  # Standard Webhooks: 192 to 512 bits


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Where to post. The address is kept out of repr too: with many receivers it is a secret."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)  # "whsec_…", several while rotating; "": unsigned
    timeout_s: float = 15.0  # for connecting, for writing and for the answer, each


class WebhookSender:
    """Posts to one address through a client shared with others."""

    def __init__(self, settings: WebhookSettings, client: httpx2.Client):
        """Raises ValueError where address or secret cannot work."""
        self._host = _host(settings.url)
        self._signers = signers(settings.secret)
        self._settings = settings
        self._client = client

    def send(self, message: Message, delivery: Delivery, now: datetime) -> None:
        """Posts `message`. Raises DeliveryError unless the answer is 2xx."""
        body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":"))
        status, headers = self._post(body, self._headers(body, delivery, now))
        if not 200 <= status <= 299:
            wait = _retry_after(headers.get("retry-after", ""), now)
            raise DeliveryError(f"{self._host} answered {_meaning(status)}", status == 410, wait)

    def _post(self, body: str, headers: dict[str, str]) -> tuple[int, httpx2.Headers]:
        """The answer's status and headers; its body is a stranger's text and is not read."""
        try:
            with self._client.stream(
                "POST",
                self._settings.url,
                content=body.encode(),
                headers=headers,
                timeout=self._settings.timeout_s,
                follow_redirects=False,
            ) as response:
                return response.status_code, response.headers
        except httpx2.HTTPError as error:
            raise DeliveryError(f"{self._host} not reached: {_reason(error)}") from error

    def _headers(self, body: str, delivery: Delivery, now: datetime) -> dict[str, str]:
        moment = now.astimezone(UTC)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(moment.timestamp())),
        }
        if self._signers:
            signed = (signer.sign(delivery.id, moment, body) for signer in self._signers)
            headers["webhook-signature"] = " ".join(signed)
        return headers


def signers(secret: str) -> tuple[Webhook, ...]:
    """One signer for each of the secrets, which white space parts. Raises ValueError."""
    return tuple(Webhook(_key(one)) for one in secret.split())


def _key(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        key = b""
    if len(key) not in _SECRET_BYTES:
        # `from None` and no value: the secret must not show in a trace.
        raise ValueError(
            "a webhook secret is `whsec_` and the base64 of 24 to 64 random bytes: "
            "make one by `echo whsec_$(openssl rand -base64 32)`"
        ) from None
    return key


def _host(url: str) -> str:
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL:
        address = httpx2.URL()
    if address.scheme not in ("http", "https") or not address.host:
        raise ValueError("a webhook url starts with http:// or https:// and names a host")
    return f"{address.host}:{address.port}" if address.port else address.host


def _meaning(status: int) -> str:
    if 300 <= status <= 399:
        return f"{status}: redirects are not followed; set the url to where it leads"
    if status == 410:
        return "410 Gone: it wants no more of these; take it out of the receivers"
    if status in (401, 403):
        return f"{status}: check the secret on both sides"
    return str(status)


def _reason(error: httpx2.HTTPError) -> str:
    # Only these texts are known to come from the socket or TLS and so to hold nothing of ours.
    detail = f" ({error})" if isinstance(error, httpx2.ConnectError) else ""
    return f"{type(error).__name__}{detail}"


def _retry_after(value: str, now: datetime) -> float | None:
    """Seconds, from a number of them or from an HTTP date (RFC 9110 §10.2.3)."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())

"""Who may say something: the configured analysts, by token (API) or by signed cookie (page).

Tokens are compared in constant time and appear in no page, log line or error. A cookie names the
analyst and when it runs out, signed with the store's own key; it is worthless once the analyst's
token has been changed or taken out of the configuration.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from fastapi.responses import Response

from monitor.config import Settings
from monitor.signing import Signer
from monitor.store.engine import Store
from monitor.store.link_key import key_of

COOKIE = "downdraft_analyst"
SIGNED_IN_FOR = timedelta(days=7)
NOBODY = (
    "no analysts are configured: add [[analysts]] with a name and a token_file to the "
    "configuration and start the daemon again"
)
_PURPOSE = "downdraft sign-in"


class Door:
    """Knows the analysts of one configuration by what they carry."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._tokens = {one.name: one.token.get_secret_value() for one in settings.analysts}
        public = urlsplit(settings.web.public_url)
        self._public_host, self._secure = public.netloc, public.scheme == "https"

    @property
    def is_empty(self) -> bool:
        return not self._tokens

    def by_token(self, token: str) -> str:
        """The analyst whose token this is, or "". Every token is compared, even after one fits."""
        given, found = hashlib.sha256(token.encode()).digest(), ""
        for name, known in self._tokens.items():
            if hmac.compare_digest(hashlib.sha256(known.encode()).digest(), given):
                found = name
        return found

    def by_bearer(self, request: Request) -> str:
        """The analyst who asks the API. Raises HTTPException: 403 without analysts, or 401."""
        if self.is_empty:
            raise HTTPException(403, NOBODY)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        name = self.by_token(token.strip()) if scheme.lower() == "bearer" else ""
        if not name:
            wanted = "send your token as Authorization: Bearer TOKEN"
            fault = f"this token is not known: {wanted}" if token else f"who are you? {wanted}"
            raise HTTPException(401, fault, {"WWW-Authenticate": 'Bearer realm="downdraft"'})
        return name

    def by_cookie(self, request: Request) -> str:
        """The analyst signed in on the page, or ""."""
        cookie = request.cookies.get(COOKIE, "")
        if not cookie or self.is_empty:
            return ""
        key = key_of(self._store)
        said = Signer(key, _PURPOSE).read(cookie)
        if said is None:
            return ""
        name, fingerprint, until = said
        token = self._tokens.get(name)
        if token is None or not hmac.compare_digest(_fingerprint(key, token), fingerprint):
            return ""
        return name if self._clock().timestamp() < until else ""

    def sign_in(self, answer: Response, name: str) -> None:
        key = key_of(self._store)
        until = int((self._clock() + SIGNED_IN_FOR).timestamp())
        worth = (name, _fingerprint(key, self._tokens[name]), until)
        answer.set_cookie(
            COOKIE,
            Signer(key, _PURPOSE).sign(worth),
            max_age=int(SIGNED_IN_FOR.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=self._secure,
        )

    def sign_out(self, answer: Response) -> None:
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._secure)

    def is_our_own(self, request: Request) -> bool:
        """Whether a form was posted from one of our pages: browsers say where it came from."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = request.headers.get("origin")
        ours = (request.headers.get("host", ""), self._public_host)
        return origin is None or urlsplit(origin).netloc in ours


def _fingerprint(key: bytes, token: str) -> str:
    """Tells whether a token was changed, and nothing else about it."""
    return hmac.digest(key, token.encode(), "sha256").hex()[:32]

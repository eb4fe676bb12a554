"""Signing with the store's own key: what we hand out comes back as it was, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer


class Signer:
    """For one purpose: what was signed for another does not fit."""

    def __init__(self, key: bytes, purpose: str) -> None:
        how = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._serializer = URLSafeSerializer(key, salt=purpose, signer_kwargs=how)

    def sign(self, value: Sequence[str | int]) -> str:
        return str(self._serializer.dumps(list(value)))

    def read(self, signed: str) -> Any:
        """The value, or None where we did not sign it."""
        try:
            return self._serializer.loads(signed)
        except BadData:
            return None

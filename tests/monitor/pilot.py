"""A browser that a test drives: pages are opened, typed into and read over Chromium's own pipe."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_PATIENCE_S = 30.0
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --remote-debugging-pipe "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--disable-features=PasswordManagerOnboarding,OptimizationHints"
)


class Pilot:
    """One page of one browser. Raises AssertionError where it does not answer."""

    def __init__(self, to: int, fro: int) -> None:
        self._to, self._fro, self._heard, self._number, self._session = to, fro, b"", 0, ""
        self.console: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            heard = self._next()
            if heard.get("id") == self._number:
                assert "error" not in heard, heard
                result: dict[str, Any] = heard["result"]
                return result

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until("location.href !== 'about:blank'")

    def press(self, key: str) -> None:
        """A key of the keyboard, as the focused element or the page gets it."""
        code = {"Enter": 13, "Tab": 9}.get(key, ord(key[0].upper()))
        text = {"Enter": "\r", "Tab": ""}.get(key, key)
        known = {"key": key, "windowsVirtualKeyCode": code, "text": text}
        self.call("Input.dispatchKeyEvent", type="keyDown", **known)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def read(self, expression: str) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)[
            "result"
        ].get("value")

    def until(self, expression: str) -> None:
        """Waits for a page that is wholly there, its style too, and makes it true."""
        end = time.monotonic() + _PATIENCE_S
        whole = "document.readyState === 'complete'"
        while not self.read(f"Boolean({whole} && ({expression}))"):
            assert time.monotonic() < end, f"never became true: {expression}"

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._heard:
            ready, _, _ = select.select([self._fro], [], [], _PATIENCE_S)
            assert ready, "the browser does not answer"
            self._heard += os.read(self._fro, 1 << 20)
        message, self._heard = self._heard.split(b"\0", 1)
        heard: dict[str, Any] = json.loads(message)
        if heard.get("method") in ("Runtime.consoleAPICalled", "Log.entryAdded"):
            self.console.append(json.dumps(heard["params"]))
        return heard


@contextmanager
def browser(profile: Path, width: int = 1280, height: int = 900) -> Iterator[Pilot]:
    """Chromium with a fresh profile; it reads its orders from descriptor 3 and answers on 4."""
    orders, to = os.pipe()
    fro, answers = os.pipe()
    more = f"--user-data-dir={profile} --window-size={width},{height}"
    line = f"exec {CHROMIUM} {_FLAGS} {more} 3<&{orders} 4>&{answers}"
    process = subprocess.Popen(
        ["bash", "-c", line],
        pass_fds=(orders, answers),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(orders)
    os.close(answers)
    try:
        yield Pilot(to, fro)
    finally:
        process.kill()
        process.wait(20)
        os.close(to)
        os.close(fro)

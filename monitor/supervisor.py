"""What systemd is told, by its notify protocol: a datagram to the socket that it names.

See sd_notify(3). Nobody is told where there is no socket.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Supervisor:
    """`address`: of the socket, "" for nobody. `watchdog_s`: after so long a silence it restarts
    us; 0: it does not watch."""

    address: str = ""
    watchdog_s: float = 0.0

    def ready(self) -> None:
        self._tell("READY=1")

    def judge(self, standing_still: str) -> None:
        """That all goes on; or nothing but the reason, so that we are restarted."""
        if standing_still:
            log.error("daemon.stands_still", jobs=standing_still)
            self._tell(f"STATUS=stands still: {standing_still}")
        elif self.watchdog_s:
            self._tell("WATCHDOG=1")

    def ending(self) -> None:
        self._tell("STOPPING=1")

    def wait_s(self, most: float) -> float:
        """Seconds between two judgements: at most half of what it waits for."""
        return min(most, self.watchdog_s / 2) if self.watchdog_s else most

    def _tell(self, state: str) -> None:
        if not self.address:
            return
        abstract = self.address.startswith("@")
        address = f"\0{self.address[1:]}" if abstract else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
                to.settimeout(1)
                to.sendto(state.encode(), address)
        except OSError as error:
            log.warning("supervisor.deaf", address=self.address, error=str(error))


def supervisor_of(environment: Mapping[str, str], pid: int | None = None) -> Supervisor:
    """Whoever started this process, as its variables say."""
    address = environment.get("NOTIFY_SOCKET", "")
    watched = environment.get("WATCHDOG_PID", "") in ("", str(pid or os.getpid()))
    silence = environment.get("WATCHDOG_USEC", "")
    seconds = int(silence) / 1_000_000 if watched and silence.isdigit() else 0.0
    return Supervisor(address if address[:1] in ("/", "@") else "", seconds)

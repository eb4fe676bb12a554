"""Seconds of `check --what-if` on 135 days of 200,000 labels; no arguments."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "monitor"))

from past_rows import Past, write

from monitor.config import DetectSection, Settings
from monitor.store.engine import open_store
from monitor.what_if import what_if
from policy.types import TOPICS


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/past.db")
        with store.write() as tx:
            labels = write(tx, Past(days=135, per_hour=62, crisis_day=120, topics=TOPICS))
        begun, busy = time.perf_counter(), time.process_time()
        changed = Settings(detect=DetectSection(alarms_per_week=4.0))
        found = what_if(store, Settings(), changed)
        seconds, busy = time.perf_counter() - begun, time.process_time() - busy
        store.close()
    fired = found["present"]["fired"], found["changed"]["fired"]
    print(f"{labels:,} labels: {seconds:.1f} s ({busy:.1f} s of processor), fired {fired}")


if __name__ == "__main__":
    main()

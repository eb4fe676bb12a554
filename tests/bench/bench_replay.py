"""Headlines a second of a back-test: python tests/bench/bench_replay.py [ARCHIVE] [HEADLINES].

Three times over: nothing cached; labels cached; labels and stories cached. The seconds are those
of the whole way, reading and judging included, loading the policy not.
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from monitor.archive import read_archive
from monitor.replay import Plan, play
from policy.opening import open_policy
from policy.types import TOPICS

DEFAULT = Path(__file__).resolve().parents[3] / (
    "shared/data/archives/reuters_company_2011_2018.jsonl.gz"
)


def main(archive: Path, headlines: int) -> None:
    policy = open_policy()
    policy.label(["warm"] * 64)
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(topics=TOPICS, cache=Path(folder))
        for state in ("nothing cached", "labels cached", "labels and stories cached"):
            if state == "labels cached":
                next(Path(folder).glob("stories-*.npy")).unlink()
            begun, busy = time.perf_counter(), time.process_time()
            found = play(islice(read_archive(archive), headlines), policy, plan).document
            seconds, busy = time.perf_counter() - begun, time.process_time() - busy
            count = found["articles"]
            print(
                f"{state:26} {count:,} headlines, {found['bins']:,} bins: {seconds:.1f} s, "
                f"{count / seconds:,.0f} a second ({count / busy:,.0f} a second of processor)",
                flush=True,
            )


if __name__ == "__main__":
    given = sys.argv[1:]
    main(Path(given[0]) if given else DEFAULT, int(given[1]) if len(given) > 1 else 20_000)

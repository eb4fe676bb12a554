"""Headlines a second of a back-test: python tests/bench/bench_replay.py [ARCHIVE...] [--first N].

Three times over: nothing cached; labels cached; labels and stories cached. The seconds are those
of the whole way, reading and judging included, loading the policy not. Thin archives by the hour
are bounded by their bins, so what a bin takes is said too.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import islice
from pathlib import Path

from monitor.archive import read_archive
from monitor.replay import Plan, play
from policy.opening import open_policy
from policy.types import TOPICS, Policy

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/archives"
DEFAULT = ("reuters_company_2011_2018.jsonl.gz", "crypto_2022_may_sep.jsonl.gz")
STATES = ("nothing cached", "labels cached", "labels and stories cached")


def measure(archive: Path, headlines: int, policy: Policy) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(topics=TOPICS, cache=Path(folder))
        for state in STATES:
            if state == "labels cached":
                next(Path(folder).glob("stories-*.npy")).unlink()
            begun, busy = time.perf_counter(), time.process_time()
            found = play(islice(read_archive(archive), headlines), policy, plan).document
            seconds, busy = time.perf_counter() - begun, time.process_time() - busy
            count, bins = found["articles"], found["bins"]
            print(
                f"{state:26} {count:,} headlines, {bins:,} bins: {seconds:.1f} s, "
                f"{count / seconds:,.0f} a second; of processor {busy:.1f} s, "
                f"{count / busy:,.0f} a second, {1e6 * busy / bins:,.0f} µs a bin",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", nargs="*", type=Path)
    parser.add_argument("--first", type=int, default=20_000, metavar="N")
    given = parser.parse_args()
    policy = open_policy()
    policy.label(["warm"] * 64)
    for archive in given.archives or [FOLDER / name for name in DEFAULT]:
        print(archive.name, flush=True)
        measure(archive, given.first, policy)


if __name__ == "__main__":
    main()

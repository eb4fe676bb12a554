"""What `downdraft status` says of learning: what is live, open trials, adversaries."""

from __future__ import annotations

import json
from datetime import datetime

from checkpoints import SHIPPED_ID, opening
from command_line import Command

from monitor.cli.deciding import person
from monitor.store import standings, trials
from monitor.store.engine import Store
from monitor.store.standings import KeptStanding


def test_status_says_what_is_live_since_when_and_why(downdraft: Command, candidate: str) -> None:
    assert json.loads(downdraft("status", "--json").out)["learning"]["live"] is None
    downdraft("policy", "promote", candidate, "--reason", "oil is not watched here")
    known = json.loads(downdraft("status", "--json").out)["learning"]
    assert known["live"]["checkpoint"] == candidate
    said = downdraft("status").out
    assert f"policy     {candidate}, nothing labelled yet\n" in said
    assert f"by {person()}: oil is not watched here\n" in said
    assert f"probation  {candidate} since {known['live']['at']}, against {SHIPPED_ID}\n" in said


def test_status_says_how_far_the_open_trial_is(
    downdraft: Command, candidate: str, kept: Store, noon: datetime
) -> None:
    far = ["the evidence for the challenger is 1.20 nats of 3.49 needed"]
    gate = {"judged": 31, "log_evidence": 1.2, "log_threshold": 3.4934}
    with kept.write() as tx:
        trials.begin(tx, opening(candidate, noon, report={"gate": gate, "far": far}))
    (trial,) = json.loads(downdraft("status", "--json").out)["learning"]["trials"]
    assert (trial["judged"], trial["log_evidence"], trial["reasons"]) == (31, 1.2, far)
    assert f"  {far[0]}\n" in downdraft("status").out


def test_status_names_an_adversary_with_the_figures_that_say_so(
    downdraft: Command, kept: Store, noon: datetime
) -> None:
    mild = {"false": 3.0, "suspicion": 0.4, "named": []}
    false = {"false": 44.5, "suspicion": 12.3, "named": ["Tellumar"], "through": 90}
    with kept.write() as tx:
        rows = [
            KeptStanding("ada", "trusted", 0.9, 70, mild, noon),
            KeptStanding("eva", "adversary", 0.31, 60, false, noon),
        ]
        standings.keep(tx, rows)
    said = downdraft("status").out
    assert "analysts   1 adversary, 1 trusted\n" in said
    assert (
        "  ADVERSARY eva: 44.5 of 60 verdicts false about Tellumar by what the others say,"
        " 12.3 nats of evidence, trust 0.31\n"
    ) in said
    assert "ada" not in said
    document = json.loads(downdraft("status", "--json").out)
    assert document["learning"]["analysts"][0]["standing"] == "adversary"

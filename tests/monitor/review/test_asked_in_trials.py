"""While a trial is open, champion and challenger are compared where they disagree."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from review_rows import CHAMPION, NOW, add_stories, serve_kept, settings

from monitor.review.answering import answer
from monitor.store import shadows, trials, verdicts
from monitor.store.engine import Store
from monitor.store.shadows import Shadow
from monitor.store.trials import Opening
from policy.types import SENTIMENTS, TOPICS
from policy.verdicts import Verdict

CHALLENGER = "ck-challenger"


def open_trial(store: Store, differing: int) -> None:
    """The first `differing` stories get another sentiment from the challenger."""
    with store.write() as tx:
        trials.begin(tx, Opening("promotion", CHALLENGER, CHAMPION, 1, 1, 1, NOW, {}))
        rows = []
        for i in range(1, 61):
            other = SENTIMENTS[(i + (i <= differing)) % 3]
            bad, good = other == "negative", other == "positive"
            rows.append(Shadow(CHALLENGER, i, "", TOPICS[i % 20], other, bad, good))
        shadows.add(tx, rows)


def test_disagreements_show_both_labels_in_either_order_and_which_is_whose_to_nobody(
    store: Store,
) -> None:
    with store.write() as tx:
        add_stories(tx, 60)
    open_trial(store, differing=40)
    found = serve_kept(store, "anna", 50, settings(gold=0))
    pairs = [(item, kept) for item, kept in found if kept.why == "disagreement"]
    assert len(pairs) >= 12
    firsts: Counter[bool] = Counter()
    for item, kept in pairs:
        number = int(item.text.split()[0].removeprefix("headline"))
        champion, challenger = SENTIMENTS[number % 3], SENTIMENTS[(number + 1) % 3]
        assert number <= 40
        assert set(item.options) == {champion, challenger}
        assert (item.shown, item.head, kept.trial, kept.propensities) == ("", "sentiment", 1, {})
        firsts[item.options[0] == champion] += 1
    assert min(firsts[True], firsts[False]) >= 2


def judge_pairs(store: Store, analyst: str, times: int) -> int:
    """Answers what is put; returns how many pairs were among it."""
    pairs = 0
    for item, kept in serve_kept(store, analyst, times, settings(gold=0)):
        with store.write() as tx:
            named = item.labels[0] if not item.options else item.options[0]
            said = ("reject", named) if not item.shown else ("confirm", "")
            answer(tx, item.id, analyst, *said, "", NOW)
        pairs += kept.why == "disagreement"
    return pairs


def test_nobody_judges_a_trial_far_ahead_of_all_others(store: Store) -> None:
    with store.write() as tx:
        add_stories(tx, 60)
    open_trial(store, differing=60)
    early = sum(judge_pairs(store, "anna", 1) for _ in range(30))
    assert early == 6
    others = sum(judge_pairs(store, "ben", 1) for _ in range(8))
    assert others >= 2
    assert sum(judge_pairs(store, "anna", 1) for _ in range(10)) >= 1


def test_nothing_that_the_challenger_has_learned_from_is_put_as_a_disagreement(
    store: Store,
) -> None:
    with store.write() as tx:
        add_stories(tx, 60)
        said = Verdict(
            "v1", "headline2 about matter2 of place2", "", "sentiment", "neutral", 1.0, 1.0,
            "zoe", "confirm", "", "", NOW,
        )  # fmt: skip
        verdicts.add(tx, [said], NOW)
        later = replace(said, id="v2", text="headline1 about matter1 of place1")
        verdicts.add(tx, [later], NOW)  # after what it was trained through
    open_trial(store, differing=2)
    found = serve_kept(store, "anna", 40, settings(gold=0))
    pairs = [item.text.split()[0] for item, kept in found if kept.why == "disagreement"]
    assert pairs == ["headline1"]


def test_gold_comes_as_a_pair_too_while_a_trial_is_open(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 60)
    open_trial(sqlite_store, differing=2)
    found = serve_kept(sqlite_store, "anna", 30, settings(gold=1, audit=0))
    pairs = [(item, kept) for item, kept in found if kept.truth and item.options]
    assert len(pairs) >= 5
    assert all(kept.truth in item.options and not kept.shown for item, kept in pairs)

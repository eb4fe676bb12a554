"""When a challenger goes live, when it is refused, and who can bring that about."""

from __future__ import annotations

import json
import math
import random

import pytest
from gate_desk import DESK, compared, judged, truths

from policy.gate.promotion import MOST, again, rule, share


def test_a_challenger_that_is_mostly_right_is_promoted_with_the_figures_that_say_so() -> None:
    ruling = rule(compared([1, 1, 1, 0, -1] * 20), test=1)
    assert ruling.state == "promoted"
    assert ruling.figures["log_evidence"] >= ruling.figures["log_threshold"]
    judged_, wins = ruling.figures["judged"], ruling.figures["wins"]
    assert f"{judged_} verdicts: the challenger right in {wins}" in ruling.reasons[0]


def test_undecided_it_says_how_far_it_is() -> None:
    ruling = rule(compared([1, -1, 1, 1]), test=1)
    assert ruling.state == "shadow"
    assert ruling.reasons == (
        "4 verdicts: the challenger right in 3, the champion in 1, neither in 0, of 400 at most",
        "the evidence for the challenger is 0.42 nats of 3.49 needed",
        "without ada it came to 0.15 nats of 1.75 needed: nobody decides alone",
    )


def test_without_a_verdict_it_is_undecided() -> None:
    ruling = rule([], test=1)
    assert (ruling.state, ruling.figures["judged"]) == ("shadow", 0)


def test_the_figures_are_fit_for_json() -> None:
    figures = rule(compared([1, 0, -1] * 30), test=2).figures
    assert json.loads(json.dumps(figures)) == figures


def test_looking_after_every_verdict_rules_as_looking_once_does() -> None:
    draw = random.Random(5)
    said = judged(truths(200, 0.03, 0.08, draw), draw)
    looks = [rule(said[:count], test=1) for count in range(len(said) + 1)]
    first = next(n for n, look in enumerate(looks) if look.state != "shadow")
    assert looks[first].state == "promoted"
    assert all(look.figures["wins"] == looks[first].figures["wins"] for look in looks[first:])
    assert {look.state for look in looks[:first]} == {"shadow"}


def test_a_later_turn_takes_nothing_back() -> None:
    said = compared([1] * 40 + [-1] * 300)
    assert rule(said, test=1).state == "promoted"


def test_one_that_waits_for_people_is_refused_by_what_is_said_since_its_proof() -> None:
    proof = compared([1] * 40)
    needed = rule(proof, test=1).figures["judged"]
    turned = [*proof[:needed], *compared([-1] * 40, first=1_000)]
    assert rule(turned, test=1).state == "promoted"
    ruling = again(turned, test=1)
    assert ruling.state == "refused"
    assert ruling.reasons[0].startswith("since it passed shown to be worse on the whole: ")
    assert ruling.figures["since"]["judged"] == 40
    assert json.loads(json.dumps(ruling.figures)) == ruling.figures


def test_one_that_waits_stands_while_nothing_speaks_against_it() -> None:
    proof = compared([1] * 40)
    assert again(proof, test=1).state == "promoted"
    assert again([*proof, *compared([-1, 1] * 40, first=1_000)], test=1).state == "promoted"
    alone = compared([-1] * 60, analysts=("eve",), first=1_000)
    assert again([*proof, *alone], test=1).state == "promoted", "nobody decides alone"
    lost = compared([-1] * 40, labels=("M&A | Investments", "Macro"), first=1_000)
    others = compared([1] * 60, labels=("Markets", "Energy | Oil"), first=2_000)
    of_one_label = [one for pair in zip(lost, others, strict=False) for one in pair]
    assert again([*proof, *of_one_label], test=1).state == "refused"


def test_one_that_waits_has_to_pass_by_the_verdicts_that_count_now() -> None:
    proof = [*compared([1] * 40, analysts=("ada", "ben")), *compared([1] * 3, first=1_000)]
    assert again(proof, test=1).state == "promoted"
    honest = [one for one in proof if one.analyst not in ("ada", "ben")]
    assert again(honest, test=1).state == "shadow"


def test_after_400_headlines_it_is_given_up() -> None:
    undecided = compared([1, -1] * (MOST // 2))
    assert rule(undecided[:-1], test=1).state == "shadow"
    ruling = rule(undecided, test=1)
    assert ruling.state == "refused"
    assert ruling.reasons[0].startswith("not shown to be better by 400 verdicts")


def test_what_comes_after_the_400th_headline_is_not_looked_at() -> None:
    assert rule(compared([1, -1] * (MOST // 2) + [1] * 100), test=1).state == "refused"


def test_one_analyst_alone_promotes_nothing_and_is_named_as_what_it_leans_on() -> None:
    ruling = rule(compared([1] * 200, analysts=("ada",)), test=1)
    assert ruling.state == "shadow"
    assert ruling.reasons[-1].startswith("without ada it came to 0.00 nats")


def test_two_analysts_promote() -> None:
    assert rule(compared([1] * 60, analysts=("ada", "ben")), test=1).state == "promoted"


def test_one_headline_judged_by_the_whole_desk_is_one_verdict() -> None:
    said = [each for n in range(3) for each in compared([1] * 1, (DESK[n % 5],))] * 40
    ruling = rule(said, test=1)
    assert (ruling.state, ruling.figures["judged"]) == ("shadow", 1)
    assert ruling.figures["repeated"] == 119


def test_later_candidates_of_a_quarter_need_more() -> None:
    bars = [rule([], test=k).figures["log_threshold"] for k in (1, 2, 10)]
    assert bars == pytest.approx([-math.log(share(0.05, k)) for k in (1, 2, 10)], abs=1e-4)
    assert bars == sorted(bars)
    assert sum(share(0.05, k) for k in range(1, 100_000)) == pytest.approx(0.05, rel=1e-4)


def test_tests_are_numbered_from_one() -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        rule([], test=0)


def test_a_challenger_that_is_worse_is_refused_before_its_time() -> None:
    ruling = rule(compared([-1, -1, -1, 1] * 40), test=1)
    assert ruling.state == "refused"
    assert ruling.reasons[0].startswith("shown to be worse on the whole")
    assert ruling.figures["judged"] < 60


def test_one_analyst_alone_refuses_nothing_either() -> None:
    assert rule(compared([-1] * 200, analysts=("ada",)), test=1).state == "shadow"


def test_what_wins_on_topics_and_loses_on_sentiment_is_refused() -> None:
    topics = compared([1, 1, 1, -1] * 15, head="topic")
    moods = compared([-1] * 60, head="sentiment", labels=("negative", "neutral"), first=60)
    mixed = [one for pair in zip(topics, moods, strict=True) for one in pair]
    ruling = rule(mixed, test=1)
    assert ruling.state == "refused"
    assert any("in sentiment" in reason for reason in ruling.reasons)


def test_what_gives_up_one_label_is_refused_though_it_gains_on_the_whole() -> None:
    """Dividends are a fifth of what they differ on; there the challenger is nearly always wrong."""
    gains = compared([1, 1, 1, 0, 1, -1] * 20, labels=("Markets", "Macro"))
    lost = compared([-1] * 30, labels=("Dividend", "Markets"), first=500)
    mixed = [one for n, gain in enumerate(gains) for one in (gain, *lost[n : n + 1])]
    ruling = rule(mixed[:60], test=1)
    assert ruling.state == "refused"
    assert "shown to be worse where it turns from topic Dividend" in ruling.reasons[0]
    assert ruling.figures["by_slice"]["from topic Dividend"]["wins"] == 0


def test_a_line_drawn_anew_and_better_is_no_loss() -> None:
    """Every headline still on the old side of the line is lost: that refuses nobody."""
    said = compared([1, 1, 1, -1] * 30, labels=("Markets", "Macro"))
    assert rule(said, test=1).state == "promoted"


def test_every_analyst_s_answers_are_in_the_figures() -> None:
    ruling = rule(compared([1, -1, 0, 1], analysts=("ada", "ben")), test=1)
    assert ruling.figures["by_analyst"] == {
        "ada": {"wins": 1, "losses": 0, "neither": 1},
        "ben": {"wins": 1, "losses": 1, "neither": 0},
    }

"""What is learned from: which verdicts, which rows hold the policy, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from finetune_desk import NOW

from policy.data import Example
from policy.errors import CheckpointError, DataError
from policy.finetune.lesson import Lesson, prepare
from policy.finetune.run import FinetuneSettings, Learned
from policy.finetune.split import kept_aside, key, usable
from policy.verdicts import Verdict

Learn = Callable[..., Learned]
Maker = Callable[..., list[Example]]


def lesson(verdicts: list[Verdict], *given: list, **changes: int) -> Lesson:
    anchors, headlines = (*given, [], [])[:2]
    return prepare(FinetuneSettings(**changes), verdicts, anchors, headlines, NOW)


def texts(gathered: dict) -> set[str]:
    return {each.text for some in gathered.values() for each in some.kept}


def test_nothing_to_learn_from_is_said_in_one_line(learn: Learn, said: list[Verdict]) -> None:
    silent = [replace(each, answer="abstain", correction="") for each in said]
    for verdicts in ([], silent, said[:3], [replace(each, text="  ") for each in said]):
        with pytest.raises(DataError, match="too few to learn from") as caught:
            learn(verdicts)
        assert "\n" not in str(caught.value)


def test_verdicts_about_copies_of_one_headline_are_refused(
    learn: Learn, said: list[Verdict]
) -> None:
    words = "halvorsen marine opens another probe into accounts of its largest unit"
    copies = [replace(said[0], id=f"v{i}", text=f"{words} {i}") for i in range(20)]
    with pytest.raises(DataError, match="near-copies of one headline"):
        learn(copies)


def test_unknown_labels_are_said_in_one_line(learn: Learn, said: list[Verdict]) -> None:
    wrong = [
        ({"shown": "Weather"}, "'Weather' is no"),
        ({"answer": "reject", "correction": "Weather"}, "'Weather' is no"),
        ({"head": "mood"}, "'mood' is no head"),
        ({"propensity": 0.0}, "propensity 0.0"),
        ({"truth": "Weather", "why": "gold"}, "known answer 'Weather'"),
    ]
    for change, words in wrong:
        with pytest.raises(DataError, match=words):
            learn([*said[:50], replace(said[50], id="bad", **change)])
    with pytest.raises(DataError, match="anchor 1: 'Weather' is no topic"):
        learn(said[:50], anchors=[Example("oil sinks", topic="Weather")])
    with pytest.raises(DataError, match="no learner is called 'oracle'"):
        learn(said[:50], learner="oracle")


def test_no_champion_and_a_folder_of_other_files_are_refused(
    learn: Learn, said: list[Verdict], tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError):
        learn(said[:50], champion=tmp_path / "nobody")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(DataError, match="holds other files"):
        learn(said[:50], "mine")


def test_hostile_texts_and_one_sided_answers_are_learned_from_without_a_fault(
    learn: Learn, said: list[Verdict]
) -> None:
    confirmed = [replace(each, answer="confirm", correction="") for each in said[:60]]
    rejected = [replace(each, answer="reject", correction="") for each in said[:60]]
    odd = [
        replace(said[0], id="long", text="oil " * 2_500),
        replace(said[1], id="empty", text=""),
        replace(said[2], id="control", text="\x00\ud800 oil \u202e sinks", target="\x00"),
        replace(said[3], id="blind", shown="", answer="reject", correction=said[3].shown),
        replace(said[4], id="future", at=NOW + timedelta(days=900)),
        replace(said[5], id="same", answer="reject", correction=said[5].shown),
    ]
    for number, verdicts in enumerate((confirmed, rejected, said[:60] + odd)):
        learned = learn(verdicts, f"odd {number}", epochs=1)
        assert learned.metrics["kl"]["both"] >= 0


def test_one_head_alone_can_be_judged(learn: Learn, said: list[Verdict]) -> None:
    only = [each for each in said if each.head == "topic"]
    learned = learn(only)
    assert list(learned.metrics["audit"]["after"]) == ["topic"]
    assert "none" in (learned.path / "card.md").read_text(encoding="utf-8")


def test_audited_headlines_are_kept_aside_first_and_near_copies_with_them(
    said: list[Verdict],
) -> None:
    distinct = [
        replace(
            said[0], id=f"v{i}", text=f"w{i} x{i} y{i} z{i}", why="audit" if i < 15 else "alert"
        )
        for i in range(100)
    ]
    copies = [
        replace(each, id=f"copy {each.id}", text=each.text.upper() + " !") for each in distinct
    ]
    held = kept_aside([*distinct, *copies])
    assert list(held[:100]) == list(held[100:]) == [i < 15 for i in range(100)]
    few = kept_aside([replace(each, why="alert") for each in distinct])
    many = kept_aside([replace(each, why="audit") for each in distinct])
    assert (few.sum(), many.sum()) == (10, 30)


def test_the_newest_are_learned_from_and_the_order_of_arrival_is_nothing(
    said: list[Verdict],
) -> None:
    newest = usable(said[::-1], 100)
    assert {each.id for each in newest} == {each.id for each in said[-100:]}
    assert (
        lesson(said, memory=100).data["verdicts"] + lesson(said, memory=100).data["verdicts_aside"]
        == 100
    )


def test_recent_verdicts_weigh_more_and_the_day_of_learning_does_not(said: list[Verdict]) -> None:
    old = [replace(each, at=each.at - timedelta(days=60 * (i % 2))) for i, each in enumerate(said)]
    today = lesson(old)
    later = prepare(FinetuneSettings(), old, [], [], NOW + timedelta(days=30))
    weights = {
        verdict.id: weight
        for verdict, weight in zip(
            today.learned["topic"].kept,
            today.learned["topic"].feedback.weight.tolist(),
            strict=True,
        )
    }
    recent = [each for name, each in weights.items() if int(name[1:]) % 2 == 0]
    past = [each for name, each in weights.items() if int(name[1:]) % 2 == 1]
    assert sum(past) / len(past) == pytest.approx(0.5 * sum(recent) / len(recent), rel=0.15)
    assert later.learned["topic"].feedback.weight.equal(today.learned["topic"].feedback.weight)


def test_replayed_rows_hold_no_text_that_is_kept_aside_or_known_to_analysts(
    said: list[Verdict], make_headlines: Maker
) -> None:
    gold = replace(said[0], id="gold", text="norcast holds talks", why="gold", truth="Earnings")
    made = lesson(said, [])
    kept = [Example(text, topic="Earnings") for text in texts(dict(made.aside))]
    anchors = [*kept, Example("Norcast holds talks", topic="IPO"), *make_headlines(60, 7)]
    plain = [(each.text, "") for each in anchors]
    holding = lesson([*said, gold], anchors, plain).replay
    barred = {key(each.text) for each in kept} | {"norcast holds talks"}
    for rows in (holding.trained, holding.anchors, holding.headlines):
        assert not barred & {key(each.text) for each in rows}
    watched = {(each.text, each.target) for each in (*holding.anchors,)}
    labelled = {(each.text, each.target) for each in holding.trained if each.topic}
    assert not watched & labelled

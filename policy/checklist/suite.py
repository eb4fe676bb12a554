"""The suite run: each capability in one call, each case judged by its kind.

Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList", ACL 2020:
MFT asks for a known label, INV for labels that stay, DIR for a probability that moves.
"""

from __future__ import annotations

from collections.abc import Sequence

from policy.checklist.cases import Capability, Case, Question, read_capabilities, read_seeds
from policy.checklist.hostile import alike_in_company, answers_odd_texts
from policy.checklist.results import Finding, Outcome, Result, tally
from policy.types import SENTIMENTS, Policy, Prediction

_SHOWN = 160  # characters of a text in an example


def run(policy: Policy) -> Outcome:
    """The whole suite, under 2,000 texts: the same policy always gives the same outcome."""
    results = [examine(policy, each) for each in read_capabilities()]
    results += [answers_odd_texts(policy), alike_in_company(policy, read_seeds())]
    return Outcome(policy.checkpoint, tuple(results))


def examine(policy: Policy, capability: Capability) -> Result:
    """One capability: its questions in one call, then each case judged."""
    questions = [question for case in capability.cases for question in case.questions]
    answers = iter(
        policy.label([each.text for each in questions], [each.target for each in questions])
    )
    findings = [
        _judge(capability, case, [next(answers) for _ in case.questions])
        for case in capability.cases
    ]
    return tally(capability.name, capability.kind, findings)


def _judge(capability: Capability, case: Case, answers: Sequence[Prediction]) -> Finding:
    if capability.kind == "MFT":
        return _known(case, answers[0])
    if capability.kind == "DIR":
        return _turned(case, capability.margin, answers[0], answers[1])
    return _steady(case, capability.topics, answers[0], answers[1])


def _known(case: Case, answer: Prediction) -> Finding:
    short = max(answer.sentiment_probabilities) - chance(answer, case.label)
    shown = f"{_show(case.questions[0])}: {answer.sentiment}, not {case.label}"
    return Finding(answer.sentiment == case.label, short, shown)


def _turned(case: Case, margin: float, before: Prediction, after: Prediction) -> Finding:
    gain = chance(after, case.label) - chance(before, case.label)
    shown = f"{_show_both(case)}: {case.label} {gain:+.2f}, not {margin:+.2f} or more"
    return Finding(gain >= margin, margin - gain, shown)


def _steady(case: Case, topics: bool, before: Prediction, after: Prediction) -> Finding:
    """Labels compared; the movement is of sentiment, and of topic where that must stay too."""
    moved = movement(before.sentiment_probabilities, after.sentiment_probabilities)
    labels = [(before.sentiment, after.sentiment)]
    if topics:
        moved = max(moved, movement(before.topic_probabilities, after.topic_probabilities))
        labels.append((before.topic, after.topic))
    changed = ", ".join(f"{old} became {new}" for old, new in labels if old != new)
    return Finding(not changed, moved, f"{_show_both(case)}: {changed}", moved)


def chance(answer: Prediction, sentiment: str) -> float:
    return answer.sentiment_probabilities[SENTIMENTS.index(sentiment)]


def movement(before: Sequence[float], after: Sequence[float]) -> float:
    """The largest change of one probability."""
    return max(abs(old - new) for old, new in zip(before, after, strict=True))


def _show_both(case: Case) -> str:
    return " → ".join(_show(each) for each in case.questions)


def _show(question: Question) -> str:
    text = question.text if len(question.text) <= _SHOWN else question.text[: _SHOWN - 1] + "…"
    return f"{text} [{question.target}]" if question.target else text

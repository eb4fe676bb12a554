"""Invented headlines, a log of verdicts on them, and a walk through an environment of either."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import gymnasium
import numpy as np

from policy.data import Example
from policy.types import SENTIMENTS
from policy.verdicts import Verdict

NEGATIVE, NEUTRAL, POSITIVE = range(3)
WORDS = ("sinks", "plunges", "meets", "holds", "soars", "rallies", "after", "talks", "again", "on")
MOODS = {"negative": WORDS[:2], "neutral": WORDS[2:4], "positive": WORDS[4:6]}
NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)


def headlines(count: int, seed: int = 0) -> list[Example]:
    draw = random.Random(seed)
    rows = []
    for index in range(count):
        mood = draw.choice(SENTIMENTS)
        text = f"Norcast {draw.choice(MOODS[mood])} {draw.choice(WORDS[6:])} {index}"
        rows.append(Example(text, "Norcast" if index % 3 == 0 else "", "Macro", mood))
    return rows


def bag(texts: Sequence[str], targets: Sequence[str]) -> np.ndarray:
    """Which of the words are in the text (N, 11), and a one."""
    return np.array([[*(word in text for word in WORDS), 1] for text in texts], dtype=np.float32)


def log(count: int, seed: int = 0, **changes: Any) -> list[Verdict]:
    """Labels shown with a chance of 60, 30 and 10 %, answered rightly; a tenth blind."""
    draw = random.Random(seed)
    chances = {"negative": 0.6, "neutral": 0.3, "positive": 0.1}
    rows = []
    for index, row in enumerate(headlines(count, seed)):
        truth, blind = row.sentiment or "", draw.random() < 0.1
        shown = draw.choices(SENTIMENTS, weights=list(chances.values()))[0]
        right = shown == truth and not blind
        rows.append(
            Verdict(
                id=f"v{index:05}",
                text=row.text,
                target=row.target,
                head="sentiment",
                shown="" if blind else shown,
                propensity=1.0 if blind else chances[shown],
                selection=1.0,
                analyst="ada",
                answer="confirm" if right else "reject",
                correction=truth if blind or (not right and draw.random() < 0.5) else "",
                reason="",
                at=NOON + timedelta(minutes=index),
            )
        )
    return [replace(row, **changes) for row in rows]


def run(env: gymnasium.Env[Any, Any], choose: Callable[[Any], int]) -> list[tuple[Any, ...]]:
    """(observation, action, reward, info) of an episode."""
    seen, (observation, _), over = [], env.reset(seed=0), False
    while not over:
        action = choose(observation)
        after, reward, terminated, truncated, info = env.step(action)
        seen.append((observation, action, reward, info))
        observation, over = after, terminated or truncated
    return seen


def always(label: int) -> Callable[[Any], int]:
    return lambda _: label

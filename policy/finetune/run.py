"""Verdicts in, a candidate out: the champion taught on a leash, sealed as its child."""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from policy.adapters import merge
from policy.checkpoint import CARD, Description, Loaded, Temperatures, load, save, seal
from policy.data import Example
from policy.durable import replacing
from policy.finetune.card import Facts, render
from policy.finetune.choices import lay_over, maps_of
from policy.finetune.journal import Journal
from policy.finetune.lesson import Lesson, prepare
from policy.finetune.loop import Loop
from policy.finetune.odds import attention_written_out, odds_of
from policy.finetune.school import School, chosen
from policy.finetune.settings import FinetuneSettings
from policy.finetune.temper import refit
from policy.manifest import RESUME, refuse_others
from policy.model import TwoHeads, pick_device
from policy.trainer import Listener
from policy.verdicts import Head, Verdict

__all__ = ["FinetuneSettings", "Learned", "finetune"]
_EMBEDDINGS = "embeddings.safetensors"
_SHORTENINGS = 8  # one or two are enough where the divergence is nearly quadratic


@dataclass(frozen=True, slots=True)
class Learned:
    """What came out."""

    checkpoint: Description
    path: Path
    metrics: Mapping[str, Any]
    trust: Mapping[Head, Mapping[str, float]]  # α − κ of each analyst, as it was learned with
    curve: Sequence[Mapping[str, Any]]  # an entry an epoch
    seconds: float


def finetune(
    settings: FinetuneSettings,
    champion: Path,
    verdicts: Sequence[Verdict],
    anchors: Sequence[Example],
    headlines: Sequence[tuple[str, str]],
    out: Path,
    device: str,
    now: datetime,
    progress: Listener,
    log: Path | None = None,
) -> Learned:
    """Teaches the policy in `champion` by verdicts and writes the candidate to `out`.

    `verdicts` is the whole log, in any order: abstentions are dropped, gold items test the analysts
    only, the newest of the rest are learned from. `anchors` are labelled rows and `headlines`
    unjudged (text, target) pairs that it must not forget; rows of our own writing are added to the
    anchors. State is kept in `out/.resume`: the same call, made again after a kill, goes on where
    it was and ends the same, bit for bit, unless a deadline cut it short. TensorBoard's files go
    to `log`, by default to `events/NAME` beside `out`. The rounds of learning call this signature.

    Raises DataError where there is nothing to learn or `out` holds other files, CheckpointError
    without the champion, DeviceError without the device.
    """
    started = time.perf_counter()
    refuse_others(out)
    chosen(settings)
    lesson = prepare(settings, verdicts, anchors, headlines, now)
    loaded = load(champion)
    maps = maps_of(loaded.model, loaded.temperatures)
    with attention_written_out():
        school = School(settings, loaded, lesson, pick_device(device))
        loop = school.loop(out / RESUME, name(settings, loaded, lesson, school.device.type))
        with Journal(log or out.parent / "events" / out.name, loop.state.step) as journal:
            loop.fit(progress, journal, started)
        model = loop.finish()
        part = shortened(school, loop)
        model.encoder = merge(model.encoder)
        temperatures = warmed(school, model)
        lay_over(model, maps, temperatures)
        metrics = figures(school, loop, model, temperatures) | {"part": round(part, 4)}
    facts = Facts(loaded.description.id, settings, lesson.data, metrics, temperatures)
    checkpoint = written(out, champion, loaded, facts)
    seconds = time.perf_counter() - started
    trust = trusted(loop, lesson.analysts)
    return Learned(checkpoint, out, metrics, trust, loop.state.curve, seconds)


def written(out: Path, champion: Path, loaded: Loaded, facts: Facts) -> Description:
    """Puts the network in `loaded`, which has learned, in the place of `out`."""
    config = json.loads((champion / "encoder.json").read_text(encoding="utf-8"))
    settings = facts.settings
    with replacing(out) as draft:
        save(draft, loaded.model.cpu(), loaded.tokens, config, facts.temperatures)
        _share_embeddings(champion, draft)
        (draft / CARD).write_text(render(facts), encoding="utf-8")
        return seal(
            draft,
            encoder=loaded.description.encoder,
            created_by=f"downdraft learn --learner {settings.learner} --seed {settings.seed}",
            data=facts.data,
            metrics=facts.metrics,
            parent=facts.parent,
        )


def name(settings: FinetuneSettings, loaded: Loaded, lesson: Lesson, device: str) -> str:
    """All that decides the outcome, hashed: another run's state is not taken up."""
    parts = asdict(settings) | {"save_every": 0, "deadline_s": None}
    words = json.dumps([parts, loaded.description.id, lesson.data, device], sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()


def trusted(loop: Loop, analysts: Sequence[str]) -> dict[Head, dict[str, float]]:
    """α − κ by head and analyst."""
    return {
        head: dict(zip(analysts, (panel.alpha - panel.kappa).tolist(), strict=True))
        for head, panel in loop.panels.items()
    }


def shortened(school: School, loop: Loop) -> float:
    """Takes back what was learned until every head is on the leash; the part of it that is kept."""
    leash, part = school.settings.leash, 1.0
    for _ in range(_SHORTENINGS):
        far = max(school.moved(loop.model, school.temperatures).values())
        if far <= leash:
            break
        factor = min(0.95, math.sqrt(leash / far))  # a divergence grows with the step's square
        loop.change.shrink(factor)
        part *= factor
    return part


def warmed(school: School, model: TwoHeads) -> Temperatures:
    """The temperatures that verdicts kept aside find likeliest, where those too keep the leash."""
    before = school.temperatures
    odds = odds_of(model, school.aside.rows, before, school.device)
    after = refit(before, odds, school.aside, school.panels)
    on_leash = max(school.moved(model, after).values()) <= school.settings.leash
    return after if on_leash else before


def figures(
    school: School, loop: Loop, model: TwoHeads, temperatures: Temperatures
) -> dict[str, Any]:
    """What learning came to, on rows that it was kept from, at the temperatures it ends with."""
    yardstick, before = school.yardstick(temperatures), school.before()
    watched = odds_of(model, school.watched, temperatures, school.device)
    after = yardstick.figures(
        odds_of(model, school.aside.rows, temperatures, school.device), watched
    )
    both = {
        part: {"before": before[part], "after": after[part]}
        for part in ("audit", "score", "entropy", "share")
    }
    state = loop.state
    answer = both | {
        "kl": after["kl"],
        "anchors": yardstick.forgetting(watched),
        "epoch": state.best + 1,
        "epochs": len(state.curve),
        "steps": state.step,
    }
    return _rounded(answer)  # type: ignore[no-any-return]


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    return round(value, 6) if isinstance(value, float) else value


def _share_embeddings(champion: Path, draft: Path) -> None:
    """The parent's file under a second name: half of a checkpoint, and the same in every one."""
    ours, theirs = draft / _EMBEDDINGS, champion / _EMBEDDINGS
    own = theirs.stat().st_uid == os.geteuid()  # sealing sets the mode of what it seals
    if own and filecmp.cmp(ours, theirs, shallow=False):
        with contextlib.suppress(OSError):  # another file system
            os.link(theirs, draft / "shared")
            (draft / "shared").replace(ours)

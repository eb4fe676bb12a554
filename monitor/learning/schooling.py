"""A training, from the verdicts in the store to a directory under learn.folder named by content.

What is to be trained is written down before it begins, so that a round that was killed is gone on
with by the next one: the same verdicts, the same headlines, the same candidate.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from monitor.errors import LearnError
from monitor.learning.setting import Round
from monitor.learning.shadow import WINDOW
from monitor.live_policy import Live
from monitor.store import shadows, trials, verdicts
from policy.contrast.grammar import contrast_rows
from policy.data import Example, cut, read_labelled
from policy.errors import CheckpointError
from policy.manifest import Description, describe
from policy.verdicts import Verdict

_REQUEST = "training.json"
_DRAFT = "training"
_EVENTS = "events"  # TensorBoard's
_STALE = timedelta(days=1)  # after which the news and the verdicts have moved on
_HEADLINES = 5_000  # unjudged, on which the policy must stay what it is
_ANCHORS = 10_000  # drawn from what learn.anchors holds
_OURS, _OUR_SEED = 1_000, 2  # rows of our own writing for the gate, where no anchors are given
_FOR_GATE = 0.3  # of the anchors: never trained on, the gate's
_PART = 0.6  # of learn.time_limit_s that a training may take


@dataclass(frozen=True, slots=True)
class Request:
    """A training that has begun."""

    champion: str
    learner: str
    through: int  # verdict.number: it learns from none later
    at: datetime
    without: tuple[str, ...] = ()  # analysts named false when it began: none of it is learned
    candidate: str = ""  # once it is done


@dataclass(frozen=True, slots=True)
class Material:
    """What is replayed while learning, and what only the gate sees."""

    anchors: list[Example]
    headlines: list[tuple[str, str]]
    for_gate: list[Example]


@contextmanager
def in_folder(this: Round) -> Iterator[None]:
    """Raises LearnError, one line, where learn.folder cannot be used: its disk is full, say."""
    try:
        yield
    except BrokenPipeError:  # nobody reads what we say
        raise
    except OSError as error:
        raise LearnError(
            f"{error.filename or this.settings.learn.folder}: {error.strerror or error}; make room"
            " there and let us write, or name another folder as learn.folder"
        ) from error


def open_request(this: Round, champion: str) -> Request | None:
    """One that was begun and not finished, if it still is what is wanted."""
    folder = this.settings.learn.folder
    try:
        known = json.loads((folder / _REQUEST).read_text(encoding="utf-8"))
        known |= {"at": datetime.fromisoformat(known["at"]), "without": tuple(known["without"])}
        request = Request(**known)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    wanted = (request.champion, request.learner) == (champion, this.taught_by)
    fresh = this.clock() - request.at < _STALE
    return request if wanted and fresh and not _on_trial(this, request) else None


def _on_trial(this: Round, request: Request) -> bool:
    """Whether it is done, and only was not forgotten."""
    with this.store.read() as tx:
        stood = trials.of_challenger(tx, request.candidate)
    return any(one.trained_through == request.through for one in stood)


def begin(this: Round, champion: str, without: Sequence[str]) -> Request:
    """Writes down what is to be trained, and clears away what another training left."""
    with this.store.read() as tx:
        through = trials.waiting(tx, 0).newest
    request = Request(champion, this.taught_by, through, this.clock(), tuple(without))
    forget(this)
    this.settings.learn.folder.mkdir(parents=True, exist_ok=True)
    _write(this, request)
    return request


def forget(this: Round) -> None:
    """Nothing is in training any more."""
    forget_in(this.settings.learn.folder)


def forget_in(folder: Path) -> None:
    """The same, for a folder whose store has been put in another's place."""
    shutil.rmtree(folder / _DRAFT, ignore_errors=True)
    (folder / _REQUEST).unlink(missing_ok=True)


def _write(this: Round, request: Request) -> None:
    file = this.settings.learn.folder / _REQUEST
    draft = file.with_suffix(".draft")
    text = json.dumps(asdict(request) | {"at": request.at.isoformat()})
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


def material(this: Round, request: Request) -> Material:
    """Anchors and headlines of a training: the same each time that it is asked for."""
    with this.store.read() as tx:
        since = request.at - WINDOW
        headlines = shadows.headlines(tx, since, request.at, _HEADLINES)
    rows = [row for file in this.settings.learn.anchors for row in read_labelled(file)]
    if len(rows) > _ANCHORS:
        rows = random.Random(0).sample(rows, _ANCHORS)
    if not rows:  # other rows of the same grammar are among what is replayed in any case
        return Material([], headlines, contrast_rows(_OUR_SEED, _OURS))
    for_training, for_gate = cut(rows, seed=0, share=_FOR_GATE)
    return Material(for_training, headlines, for_gate)


def log_of(this: Round, request: Request) -> list[Verdict]:
    """Without what the named adversaries said, but for their gold."""
    with this.store.read() as tx:
        log = [each.verdict for each in verdicts.logged(tx, through=request.through)]
    return [each for each in log if each.truth or each.analyst not in request.without]


def trained(this: Round, request: Request, champion: Live, given: Material) -> Path:
    """The candidate's directory, trained where it was not yet.

    Raises DataError where there is nothing to learn, CheckpointError without the champion.
    """
    folder = this.settings.learn.folder
    if request.candidate and _found(folder / request.candidate):
        return folder / request.candidate
    draft = folder / _DRAFT
    if _found(draft) is None:
        _train(this, request, champion.path, given, draft)
    return _named(this, request, draft)


def _train(this: Round, request: Request, champion: Path, given: Material, out: Path) -> None:
    from policy.finetune.run import finetune  # torch and peft: only where something is trained

    section = this.settings.learn
    settings = replace(
        this.schooling, learner=request.learner, deadline_s=section.time_limit_s * _PART
    )
    finetune(
        settings,
        champion,
        log_of(this, request),
        given.anchors,
        given.headlines,
        out,
        this.settings.policy.device,
        request.at,
        lambda step: this.show(step.stage, step.step, step.steps),
        section.folder / _EVENTS / f"{request.at:%Y%m%dT%H%M%S}",
    )


def _named(this: Round, request: Request, draft: Path) -> Path:
    """Under the hash of its content; noted first, so that it is found again after a kill."""
    id_ = describe(draft).id
    _write(this, replace(request, candidate=id_))
    place = this.settings.learn.folder / id_
    if _found(place):
        shutil.rmtree(draft)
    else:
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
    return place


def _found(path: Path) -> Description | None:
    try:
        return describe(path)
    except CheckpointError:
        return None

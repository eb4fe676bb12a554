"""Who a story is about: fills quiet beats with frames and companies so that nothing clumps.

Each watched company gets its own deck as well, one negative mention in four; a frame is told at
most twice, with other names, so that two stories are never taken for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from monitor.newswire.frames import (
    NAMES,
    Frame,
    company_words,
    draw_words,
    fill,
    frames_of,
    read_summaries,
)
from monitor.newswire.timetable import NEGATIVE_EVERY, Beat
from monitor.newswire.world import Company, World

_TELLINGS = 2
_DRAWS = 60
_WATCHED_SHARE = 0.55  # of the company stories for which a watched company's deck allows it


@dataclass(frozen=True, slots=True)
class Story:
    """One event, told by one headline before outlets reword it."""

    number: int
    at: datetime
    topic: str
    sentiment: str
    title: str
    summary: str
    company: str  # its main company's name, or ""


@dataclass(slots=True)
class Casting:
    """Deals frames and companies to beats in order of time."""

    world: World
    rng: Random
    barred: str  # a company of which no quiet story may speak after barred_from
    barred_from: datetime
    told: dict[str, list[set[str]]] = field(default_factory=dict)  # frame → names used
    dealt: dict[str, int] = field(default_factory=dict)  # company → place in its deck
    last: dict[str, int] = field(default_factory=dict)  # company → story that last named it

    def story(self, number: int, beat: Beat) -> Story:
        """The story for a beat. LookupError: its topic has run out of frames."""
        for _ in range(_DRAWS):
            frame = self._frame(beat)
            company = self._company(frame, beat)
            words = self._words(frame, company, beat.at)
            names = {words[slot] for slot in frame.slots & NAMES}
            names |= {company.name} if company else set()  # "Stavrin" and "Stavrin Metals" are one
            if not any(names & used for used in self.told.get(frame.text, [])):
                self._note(number, frame, company, names)
                summary = self.rng.choice(read_summaries()[beat.topic])
                title, told = fill(frame.text, words), fill(summary, words)
                name = company.name if company else ""
                return Story(number, beat.at, beat.topic, beat.sentiment, title, told, name)
        raise LookupError(f"no headline left for {beat.topic}, {beat.sentiment}; write more")

    def _frame(self, beat: Beat) -> Frame:
        open_frames = [
            frame
            for frame in frames_of(beat.topic, beat.sentiment)
            if self._tellings(frame) < (_TELLINGS if frame.slots & NAMES else 1)
        ]
        if not open_frames:
            raise LookupError(f"no headline left for {beat.topic}, {beat.sentiment}; write more")
        fewest = min(map(self._tellings, open_frames))
        return self.rng.choice([f for f in open_frames if self._tellings(f) == fewest])

    def _tellings(self, frame: Frame) -> int:
        return len(self.told.get(frame.text, ()))

    def _company(self, frame: Frame, beat: Beat) -> Company | None:
        if "co" not in frame.slots:
            return None
        fitting = [c for c in self.world.companies if self._fits(c, frame, beat)]
        watched = [c for c in fitting if c.watched]
        others = [c for c in fitting if not c.watched]
        chosen = watched if watched and self.rng.random() < _WATCHED_SHARE else others
        return self._longest_silent(chosen or fitting)

    def _fits(self, company: Company, frame: Frame, beat: Beat) -> bool:
        if frame.sectors and company.sector not in frame.sectors:
            return False
        if not company.watched:
            return True
        if company.name == self.barred and beat.at >= self.barred_from:
            return False
        place = self.dealt.get(company.name, len(company.name)) % NEGATIVE_EVERY
        return (beat.sentiment == "negative") == (place == 0)

    def _longest_silent(self, companies: Iterable[Company]) -> Company:
        return min(companies, key=lambda c: (self.last.get(c.name, -1), self.rng.random()))

    def _words(self, frame: Frame, company: Company | None, at: datetime) -> Mapping[str, str]:
        words = draw_words(self.world, at, self.rng)
        if company is None:
            return words
        others = [c for c in self.world.companies if not c.watched and c is not company]
        second = {"co2": self.rng.choice(others).short}
        return {**words, **company_words(company, self.rng), **second}

    def _note(self, number: int, frame: Frame, company: Company | None, names: set[str]) -> None:
        self.told.setdefault(frame.text, []).append(names)
        if company is not None:
            place = self.dealt.get(company.name, len(company.name))
            self.dealt[company.name] = place + 1
            self.last[company.name] = number

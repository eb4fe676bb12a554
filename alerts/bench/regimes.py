"""The kinds of news that a detector must live through, by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Nuisance = Literal[
    "", "syndication", "one_story", "outage", "outlet_dark", "burst", "holiday", "promotion"
]


@dataclass(frozen=True, slots=True)
class Regime:
    """How counts arise when nothing has happened, and the shift that is to be found.

    Volumes are stories an hour; shares are of negatives; waves, offsets and drift are in logits.
    """

    name: str
    about: str
    volumes: tuple[float, ...] = (6.0,)  # dealt to the streams in turn
    rho: float = 0.05  # correlation of two stories of one hour
    odds: float = 3.0  # of the shift
    share: float = 0.25  # of the middle stream
    scatter: float = 0.6  # sd of the streams' shares around it
    volume_wave: float = 0.6  # amplitude of the day in volume, relative to its mean
    weekend: float = 1.0  # volume of Saturday and Sunday, relative to other days
    clumping: float = 0.1  # of volume beyond Poisson: variance = mean + clumping · mean²
    share_wave: float = 0.0  # amplitude of the day in the share
    share_weekend: float = 0.0  # Saturday's and Sunday's share above that of other days
    drift: float = 0.0  # sd of the share's random walk over a week
    nuisance: Nuisance = ""  # every second week, at a random hour; only such weeks are counted

    def quiet_twin(self) -> Regime:
        """The same without its nuisance, and without a name: twins of one kind are equal."""
        return replace(self, name="", about="", nuisance="")


_NUISANCES: tuple[tuple[str, Nuisance, str], ...] = (
    ("syndication", "syndication", "30 % of a week's stories have 5 copies; 1 in 75 passes as new"),
    ("one-story", "one_story", "one negative story in 25 copies; 1 in 75 passes for a new story"),
    ("outage", "outage", "12 hours of silence, then everything missed at once"),
    ("outlet-dark", "outlet_dark", "the milder half of the outlets (±0.2 logit) dark for a day"),
    ("burst", "burst", "a day of four times the volume at an unchanged share"),
    ("holiday", "holiday", "two days with a seventh of the volume"),
    ("promotion", "promotion", "a checkpoint with another confusion matrix goes live"),
)

REGIMES: tuple[Regime, ...] = (
    Regime("volume-0.2", "a thin stream: five stories a day", (0.2,), odds=6.0),
    Regime("volume-1.5", "36 stories a day", (1.5,), rho=0.02, odds=4.0),
    Regime("volume-6", "144 stories a day, the middle of the road"),
    Regime("volume-20", "480 stories a day", (20.0,), rho=0.03, odds=2.0),
    Regime("volume-50", "1,200 stories a day", (50.0,), odds=2.0),
    Regime("rho-0", "stories of one hour are independent", rho=0.0),
    Regime("rho-0.1", "stories of one hour are alike", rho=0.1),
    Regime("rho-0.2", "stories of one hour are very much alike", rho=0.2),
    Regime(
        "volume-season",
        "nights almost silent, a fifth of the volume at weekends",
        volume_wave=0.95,
        weekend=0.2,
    ),
    Regime(
        "share-season",
        "the share swings by ±0.4 logit a day and falls by 0.3 at weekends",
        share_wave=0.4,
        share_weekend=-0.3,
    ),
    Regime("drift", "the share wanders by 0.1 logit a week", drift=0.1),
    Regime("drift-0.3", "the share wanders by 0.3 logit a week", drift=0.3),
    Regime("share-0.08", "little is negative", share=0.08),
    Regime("share-0.5", "half of all is negative", share=0.5, odds=3.0),
    Regime("mixture", "streams of 0.2 to 20 stories an hour", (0.2, 0.5, 1.5, 3.0, 6.0, 20.0)),
    *(Regime(name, about, nuisance=nuisance) for name, nuisance, about in _NUISANCES),
)


def named(name: str) -> Regime:
    """The regime of that name; ValueError with the names there are."""
    for regime in REGIMES:
        if regime.name == name:
            return regime
    raise ValueError(f"{name}: no such regime; there are {', '.join(r.name for r in REGIMES)}")

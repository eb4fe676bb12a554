"""What goes into a frame's slots: words from slots.txt, amounts made up in one currency a text."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from importlib import resources

_SLOT = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_BAR = re.compile(r"\|(?![^<>]*>)")  # not a bar within a <spot>
_LOOSE = re.compile(r" (?=[,.;:])")
_GENITIVE = re.compile(r"s's\b")  # Holdings's
_ARTICLE = re.compile(r"\ba\(n\) (?=([\w$€£]+))")
_TICKER = "BCDFGHJKLMNPQRSTVWXYZ"
_MONEY = {  # how an amount is written; the prefix of a slot names the row: {elo}, {rhi}
    "": ("${} million", "${}m", "${} mln", "${} bn", "${} billion", "£{}m", "€{} million", "${}M"),
    "e": ("EUR {} mn", "EUR {} million", "EUR{}m", "€{}m"),
    "r": ("Rs {} crore", "₹{} crore", "Rs {} cr"),
    "k": ("SEK {} mn", "NOK {} million", "DKK {} mn", "CHF {} million"),
}
_AMOUNT = re.compile(r"^([erk]?)(lo|hi|mid|money)$")


class Filler:
    """Fills one frame: a slot keeps its value, so all ways of turning the text share them."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._values: dict[str, str] = {}

    def give(self, slot: str, kind: str) -> None:
        """Fill a slot with a word of another kind."""
        self._values[slot] = self._made(kind)

    def choose(self, text: str) -> str:
        """The text with its free choices made; what stands in <spots> is left for `turned`."""
        while _CHOICE.search(text):
            text = _CHOICE.sub(lambda found: self._dice.choice(_BAR.split(found.group(1))), text)
        return text

    def fill(self, text: str) -> str:
        """The text with its choices made, slots filled and articles agreed."""
        text = _SLOT.sub(lambda found: self.value(found.group(1)), self.choose(text))
        text = " ".join(_ARTICLE.sub(_article, text).split())
        return _GENITIVE.sub("s'", _LOOSE.sub("", text))

    def value(self, slot: str) -> str:
        """What stands in this slot, made up when first asked for."""
        if slot not in self._values:
            if amount := _AMOUNT.match(slot):
                self._amounts(amount.group(1))
            else:
                self._values[slot] = self._new(slot.rstrip("0123456789"))
        return self._values[slot]

    def _new(self, kind: str) -> str:
        for _ in range(20):
            made = self._made(kind)
            if not any(_alike(made, each) for each in self._values.values()):
                break
        return made

    def _made(self, kind: str) -> str:
        number = _NUMBERS.get(kind)
        if number:
            return number(self._dice)
        if kind in _PAIRS:
            return self._pair(kind)
        return Filler(self._dice).fill(self._dice.choice(_words()[kind]))

    def _pair(self, kind: str) -> str:
        low, high, form = _PAIRS[kind]
        first = self._dice.uniform(low, (low + high) / 2)
        second = first * self._dice.uniform(1.1, 2.0)
        ends = (kind[:-2] + "lo", kind[:-2] + "hi")
        for name, number in zip(ends, (first, second), strict=True):
            self._values[name] = form.format(number)
        return self._values[kind]

    def _amounts(self, prefix: str) -> None:
        form = self._dice.choice(_MONEY[prefix])
        low = self._dice.choice([1.1, 2, 3.5, 7, 12, 20, 46, 75, 130, 260, 410])
        low *= self._dice.uniform(0.8, 1.6)
        if "b" in form:
            low = low / 40 + 1
        middle = low * self._dice.uniform(1.12, 1.6)
        high = middle * self._dice.uniform(1.12, 1.9)
        digits = self._dice.choice((0, 1, 1)) if low > 20 else 1
        ends = {"lo": low, "mid": middle, "hi": high, "money": low * self._dice.uniform(0.9, 2)}
        for name, number in ends.items():
            self._values[prefix + name] = form.format(f"{number:,.{digits}f}")


def _alike(one: str, other: str) -> bool:
    """Whether a reader could take one name for the other: Highgate Power, Highgate."""
    first = one.removeprefix("Bank of ").split()[0]
    return first == other.removeprefix("Bank of ").split()[0] or one in other or other in one


def _article(found: re.Match[str]) -> str:
    word = found.group(1).lower()
    spoken = re.match(r"(8|11\b|18\b|[aeio](?!ne\b)|u(?!ni|s\b|se|k|ti|ro|ro))", word)
    return "an " if spoken and not word.startswith("eu") else "a "


def _ticker(dice: random.Random) -> str:
    return "$" + "".join(dice.choices(_TICKER, k=dice.choice((3, 4, 4))))


def _count(dice: random.Random) -> str:
    return f"{dice.choice((20, 45, 100, 250, 300, 480, 600, 1000, 1200, 2500, 4000, 7500)):,}"


def _percent(dice: random.Random) -> str:
    number = dice.choice((dice.randint(2, 30), round(dice.uniform(1.5, 30), 1)))
    return f"{number}{dice.choice(('%', '%', '%', ' percent', ' pct'))}"


_NUMBERS: dict[str, Callable[[random.Random], str]] = {
    "T": _ticker,
    "n": _count,
    "pct": _percent,
    "bps": lambda dice: dice.choice(("25", "50", "25", "75")),
    "small": lambda dice: str(dice.randint(2, 9)),
    "day": lambda dice: str(dice.randint(1, 28)),
    "year": lambda dice: str(dice.randint(2009, 2027)),
    "percent": lambda dice: f"{dice.randint(2, 60)} %",
}
_PAIRS = {  # lowest, highest, how written; {plo} is always below {phi}
    "plo": (1.2, 9.0, "{:.1f}%"),
    "phi": (1.2, 9.0, "{:.1f}%"),
    "slo": (0.05, 2.2, "${:.2f}"),
    "shi": (0.05, 2.2, "${:.2f}"),
    "ylo": (0.02, 1.2, "EUR {:.2f}"),
    "yhi": (0.02, 1.2, "EUR {:.2f}"),
    "tlo": (12, 140, "${:.0f}"),
    "thi": (12, 140, "${:.0f}"),
    "nlo": (110, 900, "{:.0f}"),
    "nhi": (110, 900, "{:.0f}"),
    "vlo": (180, 320, "{:.0f},000"),
    "vhi": (180, 320, "{:.0f},000"),
    "ilo": (42, 49, "{:.1f}"),
}


@cache
def _words() -> dict[str, list[str]]:
    """slots.txt: `name: one | two | three`; lines of the same name add up."""
    words: dict[str, list[str]] = {}
    text = resources.files("policy.contrast").joinpath("slots.txt").read_text("utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, values = line.split(":", 1)
            words.setdefault(name, []).extend(each.strip() for each in values.split(" | "))
    return words

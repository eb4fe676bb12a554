"""Sites of one owner are one origin, by whatever name; what is raised names the sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from halvorsen import PUBLIC_URL

from alerts.ledger import LabelledStory
from alerts.owners import NO_OWNERS, ByOwner, Owners, origins_of, told_apart
from alerts.render import render
from alerts.types import Alert, Copy, Stream

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
ALDER = Owners(
    {"alder media": "Alder Media", "alder.example": "Alder Media", "birch": "Alder Media"}
)


def story(number: int, *outlets: str) -> LabelledStory:
    copies = tuple(Copy(outlet, f"https://{outlet}/{number}", NOON) for outlet in outlets)
    return LabelledStory(number, "", "", f"Story {number}", NOON, True, 0.9, copies)


@dataclass
class Told:
    """A ledger of a few stories, whatever is asked."""

    told: list[LabelledStory]

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        return self.told

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        return {"alder.example": 3, "Birch": 4, "cedar.example": 1}


def test_an_outlet_is_found_in_any_case_and_one_that_nobody_names_is_its_own() -> None:
    asked = ("Alder.Example", "BIRCH", "alder media", "cedar.example", "")
    owners = ["Alder Media", "Alder Media", "Alder Media", "cedar.example", ""]
    assert [ALDER.of(outlet) for outlet in asked] == owners
    assert [NO_OWNERS.of(outlet) for outlet in asked] == list(asked)


def test_who_asks_by_owner_hears_of_owners() -> None:
    until = NOON + timedelta(days=1)
    ledger = ByOwner(Told([story(1, "alder.example", "Birch"), story(2, "cedar.example")]), ALDER)
    names = [[copy.origin for copy in one.copies] for one in ledger.stories(Stream(), NOON, until)]
    assert names == [["Alder Media", "Alder Media"], ["cedar.example"]]
    assert ledger.origins(Stream(), NOON, until) == {"Alder Media": 7, "cedar.example": 1}


def test_origins_are_counted_by_owner_and_name_their_outlets_once() -> None:
    told = [story(1, "alder.example", "cedar.example"), story(2, "Birch", "alder.example")]
    found = origins_of(told, ALDER)
    assert found == {"Alder Media": ("Birch", "alder.example"), "cedar.example": ("cedar.example",)}
    assert told_apart(found) == "2 (Alder Media: Birch, alder.example)"
    assert told_apart(origins_of(told, NO_OWNERS)) == "3"


def test_a_strangers_outlet_is_told_on_one_line() -> None:
    owners = Owners({"a\nb": "Alder Media"})
    assert told_apart(origins_of([story(1, "a\nb")], owners)) == "1 (Alder Media: a b)"


def test_a_message_counts_origins_by_owner_and_names_every_outlet(alert: Alert) -> None:
    owners = Owners(dict.fromkeys(("harbor wire", "capital courier"), "Harbor Group"))
    plain, owned = (
        render(alert, "firing", [], PUBLIC_URL, owners=some) for some in (NO_OWNERS, owners)
    )
    assert "3 stories, 7 outlets, 4 reprints" in plain.text
    assert "3 stories, 7 outlets of 6 owners, 4 reprints" in owned.text
    assert "Harbor Wire" in owned.text
    data = [message.payload["data"] for message in (plain, owned)]
    assert [one["origins"] for one in data if isinstance(one, dict)] == [7, 6]

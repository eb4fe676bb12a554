"""An alert in the few lines that a chat has room for. Pure.

Headlines and names are strangers' text, and chats read more into text than a page does: a mention
calls people, brackets hide where a link leads. A space of no width takes both their meaning.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.payload import outlets
from alerts.types import Alert, Story
from alerts.wording import caveat, counted, one_line, safe_link, tally, where

LIMIT = 1_900  # characters: Discord takes 2,000, subject included, Telegram 4,096, others more
_STORIES = 5
_CHILDREN = 5
_LONGEST_LINK = 200
_NOTHING = "\u200b"  # a space of no width


def brief(alert: Alert, sentence: str, children: Sequence[Alert], url: str) -> str:
    """The sentence, where else, the heaviest stories as far as there is room, and the address."""
    also = [f"{where(child)}: {tally(child)}" for child in children[:_CHILDREN]]
    said = (sentence, f"Also {'; '.join(also)}" if also else "", caveat(alert))
    head = [plain(line) for line in said if line]
    room = LIMIT - len(url) - sum(len(line) + 1 for line in head)
    told = []
    for story in alert.stories[:_STORIES]:
        line = _line(story)
        room -= len(line) + 1
        if room < 0:
            break
        told.append(line)
    return "\n".join((*head, *told, url))


def plain(text: str) -> str:
    """Text that no chat takes for a mention or for a link of another name."""
    return text.replace("@", f"@{_NOTHING}").replace("](", f"]{_NOTHING}(")


def _line(story: Story) -> str:
    copies = outlets(story)
    names = one_line(copies[0].origin, 60) if copies else ""
    more = f" and {counted(len(copies) - 1, 'more outlet')}" if len(copies) > 1 else ""
    told = plain(f"• {one_line(story.title, 140) or '(no headline)'} ({names}{more})")
    link = safe_link(copies[0].url) if copies else ""
    return f"{told} {link.replace('@', '%40')}" if 0 < len(link) <= _LONGEST_LINK else told

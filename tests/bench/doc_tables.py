"""Tables of the docs that stand between `<!-- NAME -->` and `<!-- end -->`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def replaced(page: Path, text: str, name: str, new: str) -> str:
    """`text`, which is `page`'s, with another table under that name."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
    text, found = re.subn(pattern, lambda m: f"{m[1]}{new}\n{m[2]}", text, flags=re.DOTALL)
    if found != 1:
        raise SystemExit(f"docs/{page.name}: no place <!-- {name} --> … <!-- end -->; put it back")
    return text

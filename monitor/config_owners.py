"""The part of the configuration that says which outlets are of one owner."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def _each_has_one_owner(owners: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """An owner's own name counts as its outlet: whatever bears it is the owner's."""
    whose: dict[str, str] = {}
    for owner, outlets in owners.items():
        if not outlets:
            raise ValueError(f"{owner} owns nothing; name its outlets or remove it")
        if not all(name.strip() for name in (owner, *outlets)):
            raise ValueError(f"{owner or 'the one without a name'}: an outlet needs a name")
        for outlet in (owner, *outlets):
            other = whose.setdefault(outlet.casefold(), owner)
            if other != owner:
                raise ValueError(f"{outlet} belongs to {other} and to {owner}; leave it to one")
    return owners


# Owner → outlets, as pages show them, in any case.
Owned = Annotated[dict[str, tuple[str, ...]], AfterValidator(_each_has_one_owner)]

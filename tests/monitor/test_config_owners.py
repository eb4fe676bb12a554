"""The table of owners: what it says, and one clear line for each way in which it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.owners import Owners
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError
from monitor.watching import config_of

TABLE = '[owners]\n"Alder Media" = ["alder.example", "Birch"]\n'


def loaded(folder: Path, text: str) -> Settings:
    file = folder / "downdraft.toml"
    file.write_text(text)
    return load_settings(file)


def test_the_detector_is_told_whose_each_outlet_is(tmp_path: Path) -> None:
    owners = config_of(loaded(tmp_path, TABLE)).owners
    assert [owners.of(name) for name in ("birch", "ALDER MEDIA", "cedar.example")] == [
        "Alder Media", "Alder Media", "cedar.example",
    ]  # fmt: skip
    assert config_of(loaded(tmp_path, "")).owners == Owners()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('Cedar = ["BIRCH"]', "owners: BIRCH belongs to Alder Media and to Cedar; leave it to one"),
        ('Cedar = ["alder media"]', "owners: alder media belongs to Alder Media and to Cedar"),
        ('birch = ["cedar.example"]', "owners: birch belongs to Alder Media and to birch"),
        ('"ALDER media" = ["c"]', "owners: ALDER media belongs to Alder Media and to ALDER media"),
        ("Cedar = []", "owners: Cedar owns nothing; name its outlets or remove it"),
        ('Cedar = [" "]', "owners: Cedar: an outlet needs a name"),
        ('"" = ["cedar.example"]', "owners: the one without a name: an outlet needs a name"),
        ('Cedar = "cedar.example"', "owners.Cedar: Input should be a valid tuple"),
    ],
)
def test_a_table_that_cannot_be_right_is_one_clear_line(
    tmp_path: Path, more: str, said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, f"{TABLE}{more}\n")
    assert f"downdraft.toml: {said}" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_outlet_named_twice_by_its_owner_is_that_outlet(tmp_path: Path) -> None:
    told = loaded(tmp_path, '[owners]\nBirch = ["Birch", "birch", "birch.example"]\n')
    assert config_of(told).owners.of("birch.example") == "Birch"

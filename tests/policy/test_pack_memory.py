"""What the libraries below the packed network are told about memory."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from policy.model import bfloat16_is_fast
from policy.pack_memory import keep_few_plans

fast = pytest.mark.skipif(
    not bfloat16_is_fast(torch.device("cpu")), reason="needs a processor with bf16"
)


def test_few_plans_are_kept_unless_the_environment_says_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LRU_CACHE_CAPACITY", raising=False)
    keep_few_plans()
    assert int(os.environ["LRU_CACHE_CAPACITY"]) <= 32
    monkeypatch.setenv("LRU_CACHE_CAPACITY", "500")
    keep_few_plans()
    assert os.environ["LRU_CACHE_CAPACITY"] == "500"


_PLANS = """
import ctypes, torch
from policy.pack_memory import keep_few_plans
{tell}
class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "abcdefghij"]
ask = ctypes.CDLL(None).mallinfo2
ask.restype = Told
for texts in range(1, 101):
    if texts == 21:
        before = ask().h  # bytes in use
    one = torch.ones(12 * texts, 20, 32, dtype=torch.bfloat16)
    torch.bmm(one, one.transpose(1, 2))
print((ask().h - before) // 80)
"""


@fast
@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="only a recent glibc can be asked"
)
def test_a_plan_is_kept_once_and_not_twice() -> None:
    """Bytes that a new shape of a product leaves in use, with and without being told."""
    environment = {"PATH": "", "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    told, untold = (
        int(
            subprocess.check_output(
                [sys.executable, "-c", _PLANS.format(tell=tell)], env=environment
            )
        )
        for tell in ("keep_few_plans()", "")
    )
    assert told < 0.7 * untold


_FAULTS = """
import resource, numpy
from policy.pack_memory import keep_freed_memory
assert {tell}
for round in range(10):
    if round == 2:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    held = [numpy.full(3 << 19, 1.0) for _ in range(5)]  # 60 MB
    del held
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_freed_memory_is_used_again_without_page_faults() -> None:
    faults = [
        int(subprocess.check_output([sys.executable, "-c", _FAULTS.format(tell=tell)]))
        for tell in ("keep_freed_memory()", "keep_freed_memory")
    ]
    assert faults[0] < 0.1 * faults[1]

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from policy.encoder import load_base
from policy.fuse import FusedLinear, fuse
from policy.model import bfloat16_is_fast

pytestmark = pytest.mark.skipif(
    not bfloat16_is_fast(torch.device("cpu")), reason="needs a processor with bf16"
)


@torch.inference_mode()
def test_fused_layers_answer_what_the_plain_ones_do(tiny_bert: Path) -> None:
    base = load_base(str(tiny_bert))
    inputs = base.tokens.pad(base.tokens.encode(["oil sinks again", "norcast soars"], ["", "oil"]))
    encoder = base.encoder.eval()
    plain = encoder(**inputs).last_hidden_state
    fuse(encoder.to(torch.bfloat16))
    fused = encoder(**inputs).last_hidden_state.float()
    assert sum(isinstance(each, FusedLinear) for each in encoder.modules()) == 2 * 6
    torch.testing.assert_close(fused, plain, atol=0.06, rtol=0.0)

"""Our BERT beside transformers' own: the same answers, the same gradients, none of its imports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from policy.bert import Bert, Shape, shape_of
from policy.checkpoint import load, seal
from policy.encoder import Base, load_base
from policy.labeller import Labeller

TEXTS = ["oil sinks", "norcast soars on report , dividend", "crude"]
TARGETS = ["", "norcast", ""]


@pytest.fixture(scope="module")
def theirs(tiny_bert: Path) -> Base:
    base = load_base(str(tiny_bert))
    base.encoder.eval()
    return base


@pytest.fixture(scope="module")
def shape(theirs: Base) -> Shape:
    found = shape_of(theirs.config)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def ours(theirs: Base, shape: Shape) -> Bert:
    return Bert.of(shape, theirs.encoder.state_dict())


def _inputs(base: Base) -> dict[str, Tensor]:
    return base.tokens.pad(base.tokens.encode(TEXTS, TARGETS))


@torch.inference_mode()
def test_it_answers_what_transformers_does_padding_and_targets_included(
    ours: Bert, theirs: Base
) -> None:
    inputs = _inputs(theirs)
    said, wanted = (each(**inputs).last_hidden_state for each in (ours, theirs.encoder))
    here = inputs["attention_mask"].bool()
    assert not here.all()
    torch.testing.assert_close(said[here], wanted[here], atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_padding_changes_no_answer(ours: Bert, theirs: Base) -> None:
    inputs = _inputs(theirs)
    (alone,) = theirs.tokens.encode(TEXTS[:1], TARGETS[:1])
    single = {name: each[:1, : len(alone)] for name, each in inputs.items()}
    said = ours(**single).last_hidden_state[0]
    together = ours(**inputs).last_hidden_state[0, : len(alone)]
    torch.testing.assert_close(said, together, atol=1e-5, rtol=1e-5)


def test_vectors_in_the_place_of_words_have_the_gradients_of_transformers(
    ours: Bert, theirs: Base
) -> None:
    inputs = _inputs(theirs)
    found = []
    for encoder in (ours, theirs.encoder):
        table: Any = encoder
        vectors = table.get_input_embeddings()(inputs["input_ids"]).detach().requires_grad_()
        rest = {name: each for name, each in inputs.items() if name != "input_ids"}
        encoder(inputs_embeds=vectors, **rest).last_hidden_state.square().sum().backward()
        found.append(vectors.grad)
    torch.testing.assert_close(found[0], found[1], atol=1e-4, rtol=1e-4)


def test_its_parameters_have_the_names_that_a_checkpoint_knows(ours: Bert, theirs: Base) -> None:
    said, wanted = ours.state_dict(), theirs.encoder.state_dict()
    assert said.keys() == wanted.keys()
    assert all(torch.equal(said[name], each) for name, each in wanted.items())


def test_weights_of_another_shape_or_name_are_refused(theirs: Base, shape: Shape) -> None:
    weights = dict(theirs.encoder.state_dict())
    name, cut = next((name, each[:-1]) for name, each in weights.items() if "query" in name)
    with pytest.raises(RuntimeError, match="size mismatch"):
        Bert.of(shape, weights | {name: cut})
    with pytest.raises(RuntimeError, match="Missing key"):
        Bert.of(shape, {other: each for other, each in weights.items() if other != name})


@pytest.mark.parametrize(
    "other",
    [
        {"model_type": "mpnet"},
        {"hidden_act": "relu"},
        {"is_decoder": True},
        {"position_embedding_type": "relative_key"},
    ],
)
def test_only_a_plain_bert_is_ours_to_read(theirs: Base, other: dict[str, Any]) -> None:
    assert shape_of(theirs.config)
    assert shape_of(theirs.config | other) is None
    assert shape_of({"model_type": "bert"}) is None


def test_any_other_encoder_is_built_by_transformers(checkpoint: Path) -> None:
    """The same weights with another activation: another encoder, which answers otherwise."""
    known = load(checkpoint)
    assert isinstance(known.model.encoder, Bert)
    settings = json.loads((checkpoint / "encoder.json").read_text())
    (checkpoint / "encoder.json").write_text(json.dumps(settings | {"hidden_act": "relu"}))
    seal(checkpoint, encoder="relu", created_by="a test", data={}, metrics={})
    other = load(checkpoint)
    assert type(other.model.encoder).__module__.startswith("transformers.")
    inputs = known.tokens.pad(known.tokens.encode(TEXTS, TARGETS))
    with torch.inference_mode():
        said, plain = (one.model(inputs).sentiment for one in (other, known))
    assert not torch.allclose(said, plain, atol=1e-3)
    assert len(Labeller.load(checkpoint, "cpu").label(TEXTS, TARGETS)) == len(TEXTS)


_OPENED = """
import sys
from pathlib import Path
from policy.opening import open_explainer, open_policy
policy, explainer = open_policy(Path(sys.argv[1]), "cpu"), open_explainer(Path(sys.argv[1]))
(shown,) = policy.label(["oil sinks"])
explainer.explain("oil sinks", "", shown)
print(*{"transformers", "pandas", "datasketch", "scipy", "sympy"} & sys.modules.keys())
"""


def test_labels_and_their_reasons_need_none_of_the_libraries_of_training(checkpoint: Path) -> None:
    command = [sys.executable, "-c", _OPENED, str(checkpoint)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert answer.split() == []

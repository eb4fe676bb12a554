"""The state of a training run on disk: killed and started again, it goes on as if unbroken."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

_STATE = "state.json"


@dataclass(slots=True)
class State:
    """Where a run stands. Dropout and order follow from seed and step, so no generator is kept."""

    run: str  # what the run is: data, encoder, settings; another run's state is not taken up
    step: int = 0  # steps taken
    loss: float = 0.0  # sum over the steps of this epoch
    best: int = -1  # epoch with the best score so far
    curve: list[dict[str, Any]] = field(default_factory=list)  # one entry a finished epoch


def write(
    folder: Path, state: State, model: nn.Module, optimizer: Optimizer, best: Mapping[str, Tensor]
) -> None:
    """Tensors first, then the JSON that names them: a kill in between leaves the older state."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"step-{state.step}.safetensors"
    tensors = {f"model/{key}": each for key, each in trainable(model).items()}
    tensors |= {f"best/{key}": each for key, each in best.items()}
    for index, slots in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{key}": each for key, each in slots.items()}
    save_file({key: each.detach().cpu().clone() for key, each in tensors.items()}, folder / name)
    draft = folder / f"{_STATE}.draft"
    draft.write_text(json.dumps({"tensors": name, **asdict(state)}), encoding="utf-8")
    os.replace(draft, folder / _STATE)
    for old in folder.glob("step-*.safetensors"):
        if old.name != name:
            old.unlink()


def read(
    folder: Path, run: str, model: nn.Module, optimizer: Optimizer
) -> tuple[State, dict[str, Tensor]]:
    """The state of `run` put into model and optimizer, and the best weights; else a fresh one."""
    try:
        stored = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        tensors = load_file(folder / stored.pop("tensors"))
    except (OSError, ValueError, SafetensorError):  # none, or torn
        return State(run), {}
    if stored["run"] != run:
        return State(run), {}
    restore(model, _under(tensors, "model"))
    slots: dict[int, dict[str, Tensor]] = {}
    for key, each in _under(tensors, "optimizer").items():
        index, _, slot = key.partition("/")
        slots.setdefault(int(index), {})[slot] = each
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": slots, "param_groups": groups})
    return State(**stored), _under(tensors, "best")


def trainable(model: nn.Module) -> dict[str, Tensor]:
    """The parameters that training changes, by name."""
    return {name: each.detach() for name, each in model.named_parameters() if each.requires_grad}


def restore(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Puts weights taken with `trainable` back."""
    parameters = dict(model.named_parameters())
    for name, each in weights.items():
        parameters[name].data.copy_(each)


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = f"{prefix}/"
    return {key[len(start) :]: each for key, each in tensors.items() if key.startswith(start)}

"""From a checkpoint's directory to the policy that can read it."""

from __future__ import annotations

from pathlib import Path

from policy.explanation import Explains
from policy.manifest import LINEAR, SHIPPED, describe
from policy.types import Policy


def open_policy(path: Path | None = None, device: str = "auto") -> Policy:
    """The checkpoint in `path`, or the shipped one; raises CheckpointError and DeviceError.

    Each kind brings its own libraries: scipy for a linear policy, torch for a network.
    """
    path = path or SHIPPED
    if describe(path).encoder == LINEAR:
        from policy.fallback import LinearPolicy

        return LinearPolicy.load(path)
    from policy.labeller import Labeller

    return Labeller.load(path, device)


def open_explainer(path: Path | None = None) -> Explains:
    """Who accounts for the labels of the checkpoint in `path`; raises CheckpointError.

    A network is loaded once more, in fp32 with layers that have a gradient.
    """
    path = path or SHIPPED
    if describe(path).encoder == LINEAR:
        from policy.fallback import LinearPolicy

        return LinearPolicy.load(path)
    from policy.explain import Explainer

    return Explainer.load(path)

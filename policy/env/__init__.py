"""Gymnasium environments in which other people's code can be tried on headlines against ours.

One step is one headline and earns its reward at once: there is no return to discount (γ = 0), and
an episode is a pass or so many headlines.

    >>> import gymnasium
    >>> from policy.data import Example
    >>> rows = [
    ...     Example("Norcast sinks on weak orders", sentiment="negative"),
    ...     Example("Orbena soars as payout doubles", sentiment="positive"),
    ... ]
    >>> env = gymnasium.make("policy.env:downdraft/Headlines-v0", rows=rows, head="sentiment")
    >>> headline, info = env.reset(seed=1)
    >>> headline
    'Norcast sinks on weak orders'
    >>> headline, reward, terminated, truncated, info = env.step(0)  # negative, neutral, positive
    >>> reward, terminated, headline
    (1.0, False, 'Orbena soars as payout doubles')

`downdraft/Verdicts-v0` replays a log of verdicts instead, where a reward is known of the label
that was shown: see policy/env/replay.py.
"""

from __future__ import annotations

try:
    import gymnasium
except ModuleNotFoundError:
    raise ImportError(
        "policy.env needs Gymnasium: install it with the extra gym, downdraft[gym]"
    ) from None

from policy.env.headlines import Headlines, by_table, right_or_wrong
from policy.env.replay import Verdicts

__all__ = ["Headlines", "Verdicts", "by_table", "right_or_wrong"]

gymnasium.register("downdraft/Headlines-v0", entry_point="policy.env.headlines:Headlines")
gymnasium.register("downdraft/Verdicts-v0", entry_point="policy.env.replay:Verdicts")

"""The state of all random generators of a run, as values that a safe loader accepts."""

import random
from typing import Any, cast

import numpy as np
import torch

from recbole_fn.utils.recbole_types import State

Generators = dict[str, torch.Generator]


def capture(generators: Generators) -> State:
    """Captures the generators of Python, NumPy and PyTorch, and further ones.

    Args:
        generators: Further generators by name.

    Examples:
        >>> state = capture({})
        >>> first = torch.rand(2)
        >>> restore(state, {})
        >>> torch.equal(torch.rand(2), first)
        True
    """
    algorithm, keys, *rest = cast(tuple[Any, ...], np.random.get_state(legacy=True))
    return {
        "python": random.getstate(),
        "numpy": (algorithm, torch.from_numpy(keys.astype(np.int64)), *rest),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "generators": {name: source.get_state() for name, source in generators.items()},
    }


def restore(state: State, generators: Generators) -> None:
    """Resets all generators to the state that `capture` returned.

    Args:
        state: The state.
        generators: The same generators as at the capture.

    Examples:
        >>> source = torch.Generator().manual_seed(7)
        >>> state = capture({"source": source})
        >>> first = torch.rand(2, generator=source)
        >>> restore(state, {"source": source})
        >>> torch.equal(torch.rand(2, generator=source), first)
        True
    """
    random.setstate(state["python"])
    algorithm, keys, *rest = state["numpy"]
    np.random.set_state((algorithm, keys.numpy().astype(np.uint32), *rest))
    torch.set_rng_state(state["torch"].cpu())
    if state["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all([part.cpu() for part in state["cuda"]])
    for name, source in generators.items():
        source.set_state(state["generators"][name].cpu())

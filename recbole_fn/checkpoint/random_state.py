"""All sources of randomness of a run, as plain values that a safe loader accepts."""

import random
from typing import Any, cast

import numpy as np
import torch

Generators = dict[str, torch.Generator]


def capture(generators: Generators) -> dict[str, Any]:
    """Reads the state of Python's, NumPy's and PyTorch's generators and of the given ones."""
    algorithm, keys, *rest = cast(tuple[Any, ...], np.random.get_state(legacy=True))
    return {
        "python": random.getstate(),
        "numpy": (algorithm, torch.from_numpy(keys.astype(np.int64)), *rest),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "generators": {name: source.get_state() for name, source in generators.items()},
    }


def restore(state: dict[str, Any], generators: Generators) -> None:
    """Puts all generators back to what `capture` read."""
    random.setstate(state["python"])
    algorithm, keys, *rest = state["numpy"]
    np.random.set_state((algorithm, keys.numpy().astype(np.uint32), *rest))
    torch.set_rng_state(state["torch"].cpu())
    if state["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all([part.cpu() for part in state["cuda"]])
    for name, source in generators.items():
        source.set_state(state["generators"][name].cpu())

"""Real groups of processes, and what their ranks do."""

import hashlib
from contextlib import contextmanager, nullcontext

import torch

from recbole_fn.distributed.group import Group, leave_group
from recbole_fn.distributed.launch import launch
from recbole_fn.distributed.rendezvous import rendezvous_port
from tests.helpers.runs import NO_DROPOUT, fit, pieces


def in_group(size, function, *arguments):
    """What `function(group, *arguments)` returns on rank 0 of a group of ranks on CPUs.

    Pieces that the function builds are the group's with the keys of `group`.
    """
    keys = {"nproc": size, "world_size": size, "ip": "localhost", "offset": 0}
    with rendezvous_port() as port:
        return launch(_member, size, function, {**keys, "port": port}, arguments)


def _member(local_rank, function, keys, arguments):
    torch.set_num_threads(1)
    result = function({**keys, "local_rank": local_rank}, *arguments)
    leave_group()
    return result


def train(group, model="SASRec", double=True, **keys):
    """Trains in a group, or with {} alone, and returns the run's numbers."""
    with double_precision() if double else nullcontext():
        run = pieces(model, **{**NO_DROPOUT, **keys, **group})
        fit(run)
        return numbers(run)


@contextmanager
def double_precision():
    """Where sums in another order do not move an item from one side of the target to the other."""
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


def numbers(run):
    """What a run is judged by, and whether all ranks have it alike to the last bit."""
    step = run.trainer.fn_step
    memory = step.memory.state_dict()
    own = {
        "losses": run.trainer.train_loss_dict,
        "figures": run.trainer.fn_state.figures,
        "scores": run.trainer.fn_state.scores,
        "popularity": run.trainer.fn_state.popularity,
        "test": dict(run.trainer.evaluate(run.test_data, load_best_model=False)),
        "memory": digest(memory),
        "sampler": digest(step.sampler.state_dict()),
    }
    weights = {
        "student": digest(run.model.state_dict()),
        "teacher": digest(step.teacher.state_dict()["weights"]) if step.teacher else None,
    }
    ranks = Group.of_this_process().gather_values({**own, **weights})
    alike = all(rank == ranks[0] for rank in ranks)
    return {**own, **weights, "alike": alike, "ranks": len(ranks)}


def digest(tensors):
    """A hash of named tensors, to the last bit."""
    hasher = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        hasher.update(name.encode() + tensor.detach().cpu().numpy().tobytes())
    return hasher.hexdigest()

"""A run that samplers can ask, made of a dictionary of histories, without a model."""

from types import SimpleNamespace

import torch
from hypothesis import strategies as st
from recbole.data.interaction import Interaction

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.recbole_sampler import FNSampler


class _Config(dict):
    """A configuration of this package's keys."""

    @property
    def final_config_dict(self):
        return dict(self)


def context_of(histories, num_items, exclude="history", **attributes):
    """The context of a run whose users have had these items, each once a target."""
    pairs = [(user, item) for user, items in sorted(histories.items()) for item in sorted(items)]
    users, targets = (torch.tensor(column) for column in zip(*pairs, strict=True))
    fields = {"user": users, "item": targets, "item_list": targets.unsqueeze(1)}
    config = _Config(LIST_SUFFIX="_list", seed=7, fn_enabled=True, fn_neg_exclude=exclude)
    tokens = {"user": [f"u{n}" for n in range(max(histories) + 1)]}
    tokens["item"] = [f"i{n}" for n in range(num_items)]
    dataset = SimpleNamespace(
        inter_feat=Interaction(fields),
        uid_field="user",
        iid_field="item",
        config=config,
        item_num=num_items,
        user_num=max(histories) + 1,
        dataset_name="made-up",
        field2id_token=tokens,
        id2token=lambda field, ids: tokens[field][ids],
        **attributes,
    )
    return SamplerContext(FNSampler(config, dataset), dataset)


def all_rows(context, times=1):
    """A batch of all rows of a made-up run, repeated."""
    feat = context.dataset.inter_feat
    users, targets = feat["user"].repeat(times), feat["item"].repeat(times)
    return RowBatch(Interaction({}), torch.arange(len(users)), users, targets)


@st.composite
def histories(draw, items=8):
    """Users' histories of a catalogue of `items` - 1: one item, some, or all but one."""
    users = draw(st.integers(1, 4))
    some = st.sets(st.integers(1, items - 1), min_size=1, max_size=items - 2)
    return {user: draw(some) for user in range(1, users + 1)}

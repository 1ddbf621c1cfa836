"""Every sequential model of RecBole recommends what RecBole ranks first, and a naive loop too."""

import pytest
import torch
from recbole.utils.case_study import full_sort_topk

import recbole_fn
from recbole_fn.cli.model_requirements import MODELS, NAME, SMALL, write_data
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.selection import users_of
from tests.helpers.runs import pieces
from tests.helpers.saved_runs import lists, naive_list, tokens

_FAST = ("SASRec", "DIN")  # scored by a dot product, and by pairs
_MODELS = [pytest.param(name, marks=() if name in _FAST else pytest.mark.slow) for name in MODELS]
K = 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("all_models")
    write_data(path)
    return path


@pytest.fixture(scope="module", params=_MODELS)
def saved(request, folder):
    """A run whose weights are drawn and not trained, and its checkpoint."""
    recbole_fn.register()
    model = request.param
    keys = {**SMALL, **MODELS[model].keys, "data_path": str(folder), "fn_enabled": True}
    if model == "S3Rec":
        stage = {"train_stage": "pretrain", "pretrain_epochs": 1, "save_step": 1}
        before = pieces(model, NAME, **{**keys, **stage}, checkpoint_dir=str(folder))
        before.trainer.fit(before.train_data, verbose=False)
        keys.update(train_stage="finetune", pre_model_path=before.trainer.saved_model_file)
    run = pieces(model, NAME, **keys, checkpoint_dir=str(folder))
    with torch.no_grad():
        for name, weight in run.model.named_parameters():
            generator = torch.Generator().manual_seed(len(name))
            weight.add_(0.1 * torch.randn(weight.shape, generator=generator))  # no ties
    run.trainer.fn_prepare(run.train_data)
    run.trainer.fn_checkpoint.save(0, verbose=False)
    return run, Loaded.from_file(run.trainer.saved_model_file)


@pytest.mark.slow
def test_the_lists_are_those_of_recbole(saved):
    run, loaded = saved
    data = run.test_data.dataset
    ours = lists(recbole_fn.recommend(loaded, k=K, exclude="none", until="valid"))
    users = data.inter_feat[data.uid_field]
    _, items = full_sort_topk(users.numpy(), run.model, run.test_data, k=K)
    names = data.id2token(data.uid_field, users)
    different = [n for n, row in zip(names, items, strict=True) if ours[n] != tokens(run, row)]
    assert different == [] and len(ours) == len(names)


def test_known_items_are_left_out_as_in_a_naive_loop(saved):
    run, loaded = saved
    data = run.test_data.dataset
    whole = loaded.queries("valid")
    ours = lists(recbole_fn.recommend(loaded, k=K, until="valid"))
    interaction = data[torch.arange(8)]
    scores, items = full_sort_topk(
        interaction[data.uid_field].numpy(), run.model, run.test_data, k=data.item_num
    )
    for row, user in enumerate(interaction[data.uid_field].tolist()):
        place = (whole.users == user).nonzero()[0]
        had = set(whole.items_of(place)[1].tolist())
        by_id = torch.empty(data.item_num).index_copy(0, items[row], scores[row]).tolist()
        name = data.id2token(data.uid_field, user)
        assert ours[name] == tokens(run, naive_list(by_id, K, had))
    assert len(users_of(loaded).tokens) == len(whole)

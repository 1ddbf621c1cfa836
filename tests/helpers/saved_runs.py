"""A small trained run with its checkpoint, and the naive way to recommend from it."""

import numpy as np
import torch

from tests.helpers.runs import pieces


def saved_run(folder, model="SASRec", dataset="tiny", epochs=2, **keys):
    """Trains a run and saves it; returns the run and its checkpoint."""
    run = pieces(model, dataset, epochs=epochs, checkpoint_dir=str(folder), **keys)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False, saved=True)
    return run, run.trainer.saved_model_file


def naive_list(scores, k, excluded=(), allowed=None):
    """The k best items of a row of scores, one comparison after another."""
    left = [
        item
        for item in range(1, len(scores))
        if item not in excluded and (allowed is None or item in allowed)
    ]
    best = []
    while left and len(best) < k:
        top = left[0]
        for item in left:  # ascending ids: a later item wins only with a higher score
            if scores[item] > scores[top]:
                top = item
        best.append(top)
        left.remove(top)
    return best


def lists(frame):
    """The items of each user, in the order of their ranks."""
    return {user: list(part["item"]) for user, part in frame.groupby("user", sort=False)}


def whole_history(path, user):
    """The items of a user in a data set's file, in order."""
    lines = [line.split("\t") for line in path.read_text().splitlines()[1:]]
    rows = [(float(time), item) for name, item, time in lines if name == user]
    return [item for _, item in sorted(rows, key=lambda row: row[0])]


def scores_of(run, items):
    """RecBole's scores of all items after a history of item ids, with its own padding by hand."""
    data, model = run.dataset, run.model
    width = run.config["MAX_ITEM_LIST_LENGTH"]
    kept = items[-width:]
    rows = {
        model.ITEM_SEQ: torch.tensor([kept + [0] * (width - len(kept))]),
        model.ITEM_SEQ_LEN: torch.tensor([len(kept)]),
    }
    with torch.no_grad():
        return model.eval().full_sort_predict(rows).view(-1)[: data.item_num].numpy()


def tokens(run, ids):
    """The tokens of item ids."""
    return list(run.dataset.id2token(run.dataset.iid_field, np.asarray(ids)))

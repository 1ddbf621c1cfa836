"""A model's weights are of ids; they mean something only with the data that gave these ids."""

from logging import getLogger

from recbole_fn.data.fingerprint import vocabulary
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Dataset, Model, State


def require_same_ids(state: State, dataset: Dataset, model: Model, name: str) -> None:
    """Refuses a data set that gives other ids to the items or users than a checkpoint's did.

    Users count for models with a vector for each user. Checkpoints of plain RecBole do not say
    which ids they were trained with: of them only shapes can be compared.

    Args:
        state: The checkpoint.
        dataset: The data set.
        model: The model that gets the checkpoint's weights.
        name: What the checkpoint is, for the message.

    Raises:
        InputError: if items or users are others, or have other ids.

    Example:
        >>> from types import SimpleNamespace
        >>> tokens = {"item": ["[PAD]", "film", "book"]}
        >>> dataset = SimpleNamespace(field2id_token=tokens, iid_field="item", dataset_name="b")
        >>> state = {"fn": {"training_set": {"items_hash": "e973bc30"}}}
        >>> require_same_ids(state, dataset, SimpleNamespace(), "'a.pth'")
        Traceback (most recent call last):
        ...
        recbole_fn.utils.errors.InputError: 'a.pth' was trained on other items, or with other ids...
    """
    if "fn" not in state and state["config"]["rm_dup_inter"]:
        getLogger().warning(
            f"{name} is of plain RecBole with rm_dup_inter: where interactions share a time, its "
            f"ids depend on the machine, and the weights may be those of other items"
        )
    saved = state.get("fn", {}).get("training_set", {})
    fields = {"items": dataset.iid_field}
    if hasattr(model, "n_users"):  # the name in all of RecBole's models that have such vectors
        fields["users"] = dataset.uid_field
    for kind, field in fields.items():
        if saved.get(f"{kind}_hash") not in (None, vocabulary(dataset, field)):
            raise InputError(
                f"{name} was trained on other {kind}, or with other ids of them, than data set "
                f"{dataset.dataset_name!r} has now; they must be the same"
            )

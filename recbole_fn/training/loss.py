"""Makes the loss of a run."""

from recbole_fn.data.item_features import item_features
from recbole_fn.losses.base import CandidateLoss, LossContext
from recbole_fn.losses.not_to_recommend import NotToRecommend
from recbole_fn.training.parts import Parts
from recbole_fn.utils.recbole_types import Config, Dataset, Model


def make_loss(parts: Parts, config: Config, model: Model, dataset: Dataset) -> CandidateLoss:
    """Makes the loss of a run.

    Args:
        parts: The classes of the run.
        config: RecBole's configuration.
        model: The model.
        dataset: The built training set.

    Examples:
        >>> parts = Parts.of(config.final_config_dict)
        >>> type(make_loss(parts, config, run.model, run.dataset)).__name__
        'BCELoss'
    """
    settings = parts.settings
    drawn = None if isinstance(settings.neg_num, str) else settings.neg_num
    field = config["LABEL_FIELD"]
    features = item_features(dataset, config["device"]) if settings.uses_model_loss else {}
    context = LossContext(model, dataset.item_num, drawn, field, settings.logq, features)
    loss = parts.loss(context, parts.loss_args)
    if not settings.has_real_negatives or settings.has_real_slots:
        return loss
    real, most = dataset.fn_real_negatives(), settings.most_real_negatives
    return NotToRecommend(loss, real, most, settings.real_negative_weight)

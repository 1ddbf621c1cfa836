"""Warns of rankings that have fewer items than the lists that metrics count."""

import re
from collections.abc import Sequence
from logging import getLogger

from recbole.evaluator.register import metric_information

from recbole_fn.config.settings import FNSettings
from recbole_fn.utils.recbole_types import Config


def warn_of_short_rankings(config: Config) -> None:
    """Warns where lists are filled with items that take no part, and a metric counts all items.

    Args:
        config: RecBole's configuration.

    Example:
        >>> config["metrics"], config["topk"] = ["NDCG", "ItemCoverage"], [10]
        >>> config["fn_eval_candidates"] = 5
        >>> warn_of_short_rankings(config)  # logs one line
    """
    counting = [name for name in config["metrics"] if _counts_items(name)]
    short = _short(config, max(config["topk"]))
    if counting and short:
        getLogger().warning(
            f"topk is {config['topk']}, and {', '.join(short)} ranks fewer items for a target: the "
            f"lists are filled with items that take no part, which {', '.join(counting)} count."
        )


def _counts_items(metric: str) -> bool:
    return "rec.items" in metric_information[metric.lower()]


def _short(config: Config, longest: int) -> Sequence[str]:
    """The rankings by a number of candidates that, with the target, are fewer than a list holds."""
    settings = FNSettings.from_config(config.final_config_dict)
    modes = config["eval_args"]["mode"].values()
    named = dict.fromkeys([settings.main_ranking, *settings.also_rankings, *modes])
    sampled = {name: re.fullmatch("(?:uni|pop)([0-9]+)", name) for name in named}
    return [name for name, found in sampled.items() if found and int(found[1]) + 1 < longest]

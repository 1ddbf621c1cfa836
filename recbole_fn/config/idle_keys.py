"""Keys that somebody set and that this run does not use."""

from collections.abc import Iterable, Mapping

from recbole.utils import ModelType

from recbole_fn.config.known_keys import (
    INNER_KEYS,
    general_keys,
    is_recboles,
    model_keys,
    other_models_keys,
)
from recbole_fn.config.measured_keys import FILTERS
from recbole_fn.utils.errors import nearest
from recbole_fn.utils.recbole_types import Config

_LABELS_USED_BY = ("DIN", "DIEN")  # RecBole trains these two on labels
_OF_MODEL_LOSS = {  # what RecBole's models read for their own loss alone
    "loss_type": None,
    "reg_weight": ("Caser", "FOSSIL", "GCSAN", "HGN", "HRM", "NextItNet", "SHAN"),
    "reg_loss_ratio": ("SINE",),
    "mask_ratio": ("BERT4Rec",),
    **dict.fromkeys(("lmd", "lmd_sem", "contrast", "tau", "sim"), ("FEARec",)),
}
_WITHOUT_TRAINING = ("fn_enabled", "fn_strict_keys", "fn_eval", "fn_prior")


def unknown_keys(config: Config) -> list[str]:
    """The keys that neither RecBole, nor any of its models, nor this package reads.

    Args:
        config: RecBole's configuration; a user's own classes may read such a key.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.model.sequential_recommender import SASRec
        >>> keys = {"epoch": 3, "n_layers": 1}
        >>> dicts = {"external_config_dict": keys, "internal_config_dict": {}}
        >>> unknown_keys(SimpleNamespace(**dicts, model_class=SASRec))
        ['epoch']
    """
    known = _known(config) | other_models_keys()
    outer = [key for key in config.external_config_dict if _is_unknown(key, known)]
    return outer + [
        f"{key}.{name}"
        for key, names in INNER_KEYS.items()
        for name in _entries(config.external_config_dict.get(key))
        if name not in names
    ]


def other_models(config: Config) -> list[str]:
    """The keys that other models of RecBole read, but not this one.

    Args:
        config: RecBole's configuration.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.model.sequential_recommender import SASRec
        >>> keys = {"dropout_prob": 0.3, "n_layers": 1}  # the first is a key of GRU4Rec
        >>> dicts = {"external_config_dict": keys, "internal_config_dict": {}}
        >>> other_models(SimpleNamespace(**dicts, model_class=SASRec))
        ['dropout_prob']
    """
    known, others = _known(config), other_models_keys()
    return [key for key in config.external_config_dict if key in others and key not in known]


def idle_keys(config: Config) -> dict[str, str]:
    """The known keys that have no effect with the values of others, each with the reason.

    Args:
        config: RecBole's configuration.

    Example:
        >>> from recbole.config import Config
        >>> idle_keys(Config("FPMC", "ml-100k", config_dict={"fn_neg_num": 5}))["fn_neg_num"]
        'fn_enabled is not set; fn.yaml sets it'
    """
    keys, final = config.external_config_dict, config.final_config_dict
    idle = _of_labels(config) | _of_losses(config)
    if config["dataset"] == "ml-100k" and keys.get("data_path") is not None:
        idle["data_path"] = "RecBole reads the ml-100k that comes with it"
    if final.get("benchmark_filename"):
        why = "RecBole filters no files of benchmark_filename; leave the lines out of them"
        idle |= {key: why for key in FILTERS if keys.get(key)}
    if "fn_enabled" not in keys:
        ours = [key for key in keys if key.startswith("fn_") and keys[key] is not None]
        why = "fn_enabled is not set; fn.yaml sets it"
        idle |= {key: why for key in ours if not key.startswith(_WITHOUT_TRAINING)}
    return idle


def _of_labels(config: Config) -> dict[str, str]:
    if _uses_labels(config):
        return {}
    keys, final = config.external_config_dict, config.final_config_dict
    idle = [key for key in ("threshold", "LABEL_FIELD") if keys.get(key)]
    if final.get("LABEL_FIELD") in ((final.get("load_col") or {}).get("inter") or ()):
        idle.append(f"load_col {final['LABEL_FIELD']}")
    why = f"{config['model']} does not use labels; val_interval leaves interactions out"
    return dict.fromkeys(idle, why)


def _of_losses(config: Config) -> dict[str, str]:
    """What RecBole's training and models read for losses that do not take part."""
    keys, final = config.external_config_dict, config.final_config_dict
    if not final.get("fn_enabled"):
        return {}
    idle = {}
    if isinstance(keys.get("train_neg_sample_args"), Mapping):
        idle["train_neg_sample_args"] = "fn_neg_num and fn_sampler draw the negatives"
    if final.get("fn_loss") != "model" and config["train_stage"] != "pretrain":
        why = f"fn_loss {final.get('fn_loss')} takes the place of {config['model']}'s own loss"
        idle |= {key: why for key in _OF_MODEL_LOSS if key in keys and _is_of_loss(key, config)}
    return idle | _of_negatives(config)


def _of_negatives(config: Config) -> dict[str, str]:
    """What would choose the negatives of a model whose own loss compares all items."""
    keys, final = config.external_config_dict, config.final_config_dict
    extracts = final.get("fn_strategy") not in ("off", False, "average")  # YAML reads off as False
    if final.get("fn_loss") != "model" or final.get("loss_type") != "CE" or extracts:
        return {}
    why = f"{config['model']}'s own CE compares all items and takes no negatives"
    negative = keys.get("fn_feedback_targets") == "negative"
    return {"fn_feedback_targets": f"{why}, so negative acts as exclude"} if negative else {}


def describe_unknown(config: Config, names: Iterable[str]) -> list[str]:
    """Each unknown key with its nearest known one.

    Args:
        config: RecBole's configuration.
        names: The keys.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.model.sequential_recommender import SASRec
        >>> config = SimpleNamespace(internal_config_dict={}, model_class=SASRec)
        >>> describe_unknown(config, ["epoch"])
        ['epoch (the nearest known key is epochs)']
    """
    known = _known(config) | {f"{key}.{name}" for key in INNER_KEYS for name in INNER_KEYS[key]}
    return [f"{name} (the nearest known key is {nearest(name, known)})" for name in names]


def _known(config: Config) -> set[str]:
    return {*general_keys(), *config.internal_config_dict, *model_keys(config.model_class)}


def _is_unknown(key: str, known: set[str]) -> bool:
    return key not in known and not key.startswith("fn_")  # those are checked where they are read


def _is_of_loss(key: str, config: Config) -> bool:
    models = _OF_MODEL_LOSS[key]
    return is_recboles(config.model_class) and (models is None or config["model"] in models)


def _entries(value: object) -> Iterable[str]:
    return value if isinstance(value, Mapping) else ()


def _uses_labels(config: Config) -> bool:
    modes = config["eval_args"].get("mode")
    labelled = "labeled" in (modes.values() if isinstance(modes, Mapping) else [modes])
    is_sequential = config["MODEL_TYPE"] == ModelType.SEQUENTIAL
    return labelled or not is_sequential or config["model"] in _LABELS_USED_BY

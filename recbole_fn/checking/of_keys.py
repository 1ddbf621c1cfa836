"""Which keys of the configuration a run does not use."""

from recbole_fn.checking.finding import Finding, Look, examples
from recbole_fn.checking.subject import Subject
from recbole_fn.config.idle_keys import describe_unknown, idle_keys, other_models, unknown_keys
from recbole_fn.hooks.used_keys import own_classes


def keys_without_effect(subject: Subject) -> Finding:
    """Keys that nobody reads, and keys that the values of others leave without effect.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.config import Config
        >>> config = Config("FPMC", "ml-100k", config_dict={"lerning_rate": 0.1})
        >>> keys_without_effect(SimpleNamespace(config=config)).examples
        ('lerning_rate (the nearest known key is learning_rate)',)
    """
    config = subject.config
    idle = [f"{key} ({reason})" for key, reason in idle_keys(config).items()]
    if not own_classes(config):  # a class of the user's own may read any key
        idle += describe_unknown(config, unknown_keys(config))
    words = f"{len(idle)}" if idle else "none"
    return Finding("keys without effect", words, bool(idle), examples(idle))


def keys_of_other_models(subject: Subject) -> Finding | None:
    """Keys that only other models read, as in a property file for several models.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.config import Config
        >>> config = Config("FPMC", "ml-100k", config_dict={"dropout_prob": 0.3})
        >>> keys_of_other_models(SimpleNamespace(config=config)).found
        '1, which FPMC does not read'
    """
    config = subject.config
    others = [] if own_classes(config) else other_models(config)
    if not others:
        return None
    words = f"{len(others)}, which {config['model']} does not read"
    return Finding("keys of other models", words, examples=examples(others))


OF_KEYS: tuple[Look, ...] = (keys_without_effect, keys_of_other_models)

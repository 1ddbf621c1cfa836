"""Says which keys of a run have no effect: before it where that is known, else after training.

RecBole, its models and this package read keys that can be listed. A user's own class or script may
read any key; so what they leave unread is known when training has ended.
"""

import sys
from collections.abc import Callable
from logging import getLogger
from pathlib import Path
from weakref import WeakKeyDictionary

from recbole.config import Config

from recbole_fn.config.idle_keys import describe_unknown, idle_keys, other_models, unknown_keys
from recbole_fn.config.known_keys import is_recboles, module_sources
from recbole_fn.config.settings import FNSettings
from recbole_fn.config.user_trainer import trainer_class
from recbole_fn.hooks.original import Original
from recbole_fn.priors import PRIOR
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import InputError

_READ: "WeakKeyDictionary[Config, set[str]]" = WeakKeyDictionary()
_NAMED: "WeakKeyDictionary[Config, bool]" = WeakKeyDictionary()  # True: the unknown ones too
_OWN_PROGRAMS = ("run_recbole_fn.py", "recbole_fn")


def get_item(original: Original, config: Config, key: str) -> object:
    """Hook of `Config.__getitem__`: remembers that somebody has read the key.

    Examples:
        >>> config = Config("FPMC", "ml-100k")
        >>> get_item(lambda config, key: 300, config, "epochs"), "epochs" in _READ[config]
        (300, True)
    """
    _READ.setdefault(config, set()).add(key)
    return original(config, key)


def contains(original: Original, config: Config, key: str) -> object:
    """Hook of `Config.__contains__`: remembers that somebody has asked for the key.

    Examples:
        >>> config = Config("FPMC", "ml-100k")
        >>> contains(lambda config, key: True, config, "epochs"), "epochs" in _READ[config]
        (True, True)
    """
    if isinstance(key, str):
        _READ.setdefault(config, set()).add(key)
    return original(config, key)


def get_attribute(original: Original, config: Config, key: str) -> object:
    """Hook of `Config.__getattr__`: remembers that somebody has read the key as an attribute.

    Examples:
        >>> config = Config("FPMC", "ml-100k")
        >>> get_attribute(lambda config, key: 300, config, "epochs"), "epochs" in _READ[config]
        (300, True)
    """
    value = original(config, key)
    _READ.setdefault(config, set()).add(key)
    return value


def require_known_keys(config: Config) -> None:
    """Refuses keys that nobody reads, with `fn_strict_keys`; for runs that no script looks into.

    The command line of somebody else's script may hold options of that script.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the keys, each with its nearest known one.

    Examples:
        >>> from recbole_fn.hooks.patching import register
        >>> register()
        >>> keys = {"fn_enabled": True, "fn_strict_keys": True, "epoch": 3}
        >>> require_known_keys(Config("SASRec", "tiny", config_dict=keys))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: nothing reads epoch (the nearest known key is epochs);
        it must be a known key, or fn_strict_keys must be False
    """
    if not config.final_config_dict.get("fn_strict_keys") or own_classes(config):
        return
    foreign = set() if _is_own_program() else set(config.cmd_config_dict)
    unknown = [key for key in unknown_keys(config) if key not in foreign]
    if unknown:
        raise InputError(
            f"nothing reads {', '.join(describe_unknown(config, unknown))}; it must be a known "
            f"key, or fn_strict_keys must be False"
        )


def warn_of_idle_keys(config: Config) -> None:
    """Logs one warning before the run that names the keys without effect.

    Args:
        config: RecBole's configuration.

    Examples:
        >>> keys = {"fn_enabled": True, "embedding_size": 32}
        >>> warn_of_idle_keys(Config("SASRec", "tiny", config_dict=keys))
        >>> print(*log)
        Keys without effect: embedding_size (a key of other models than SASRec).
    """
    _NAMED[config] = not own_classes(config)
    _warn(_idle(config) + (_unread(config, lambda key: True) if _NAMED[config] else []))


def warn_of_unread_keys(config: Config) -> None:
    """Logs one warning after training that names the keys that no class and no script has read.

    Where nobody has named them before, also those that have no effect with the values of others.

    Args:
        config: RecBole's configuration.

    Examples:
        `register` puts it behind `Trainer.fit`:

        >>> keys = {"fn_enabled": True, "epoch": 3}
        >>> warn_of_unread_keys(Config("SASRec", "tiny", config_dict=keys))
        >>> print(*log)
        Keys without effect: epoch (the nearest known key is epochs).
    """
    if _NAMED.get(config) or "internal_config_dict" not in vars(config):
        return  # one that a checkpoint holds does not know what a user has set
    idle = [] if config in _NAMED else _idle(config)
    _NAMED[config] = True
    _warn(idle + _unread(config, lambda key: not _is_read(config, key)))


def _idle(config: Config) -> list[str]:
    return [f"{key} ({reason})" for key, reason in idle_keys(config).items()]


def _unread(config: Config, is_unread: Callable[[str], bool]) -> list[str]:
    unknown = [key for key in unknown_keys(config) if is_unread(key)]
    others = [key for key in other_models(config) if is_unread(key)]
    return [
        *describe_unknown(config, unknown),
        *(f"{key} (a key of other models than {config['model']})" for key in others),
    ]


def _is_read(config: Config, key: str) -> bool:
    """Whether a key was read, or stands in the source of a user's class."""
    texts = [source for owner in own_classes(config) for source in module_sources(owner)]
    is_mentioned = any(f"{quote}{key}{quote}" in text for text in texts for quote in "'\"")
    return is_mentioned or key in _READ.get(config, ())


def _warn(keys: list[str]) -> None:
    if keys:
        getLogger().warning(f"Keys without effect: {', '.join(keys)}.")


def own_classes(config: Config) -> list[type]:
    """The classes of the run that are neither RecBole's nor this package's.

    Args:
        config: RecBole's configuration.

    Examples:
        >>> own_classes(Config("FPMC", "ml-100k"))
        []
    """
    parts = Parts.of(config.final_config_dict)
    model_class = config.model_class
    classes = [model_class, trainer_class(model_class), parts.sampler, parts.loss, parts.treatment]
    named = [*classes, *parts.callbacks, _prior(parts.settings)]
    return [owner for owner in named if owner is not None and not is_recboles(owner)]


def _prior(settings: FNSettings) -> type | None:
    return None if settings.prior is None else PRIOR.find(settings.prior)


def _is_own_program() -> bool:
    path = Path(sys.argv[0])
    return path.name in _OWN_PROGRAMS or Path(__file__).parents[1] in path.resolve().parents

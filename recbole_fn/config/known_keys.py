"""The keys that RecBole, one of its models, or this package reads."""

import inspect
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import recbole
import yaml
from recbole import utils as recbole_utils
from recbole.model import abstract_recommender

_RECBOLE = Path(recbole.__file__).parent
_PACKAGE = Path(__file__).parents[1]
_READS = re.compile(
    r"""config(?:_dict)?(?:\[|\.get\()\s*["'](\w+)["']"""
    r"""|["'](\w+)["']\s+(?:not\s+)?in\s+(?:self\.)?config\b"""
)
_PROPERTIES = ("overall.yaml", "dataset/sample.yaml", "quick_start_config/*.yaml")
# Options of the command line, which RecBole takes for keys.
_OPTIONS = frozenset(
    {"model", "dataset", "config_files", "resume", "init_from"}
    | {"nproc", "ip", "port", "world_size", "group_offset"}
)
INNER_KEYS = {
    "eval_args": ("split", "order", "group_by", "mode"),
    "train_neg_sample_args": ("distribution", "sample_num", "alpha", "dynamic", "candidate_num"),
}
"""The keys that RecBole reads within another one; others hold names of columns or arguments."""


@cache
def general_keys() -> frozenset[str]:
    """The keys that RecBole reads whatever the model is, and those of this package.

    Examples:
        >>> {"epochs", "wandb_project", "encoding", "TIME_FIELD"} <= general_keys()
        True
        >>> "dropout_prob" in general_keys()
        False
    """
    listed = {
        key
        for name in ("general", "training", "evaluation", "dataset")
        for key in getattr(recbole_utils, f"{name}_arguments")
    }
    files = [path for name in _PROPERTIES for path in (_RECBOLE / "properties").glob(name)]
    sources = [path for path in _RECBOLE.rglob("*.py") if _RECBOLE / "model" not in path.parents]
    return frozenset(
        listed.union(_OPTIONS, *map(_yaml_keys, files))
        | _reads(path.read_text(encoding="utf-8") for path in sources)
        | _reads(path.read_text(encoding="utf-8") for path in _PACKAGE.rglob("*.py"))
    )


@cache
def model_keys(model_class: type) -> frozenset[str]:
    """The keys that a model of RecBole reads: those of its property file and its source.

    Args:
        model_class: The class; its base classes are read too.

    Examples:
        >>> from recbole.model.sequential_recommender import SASRec
        >>> {"hidden_size", "loss_type"} <= model_keys(SASRec)
        True
        >>> "dropout_prob" in model_keys(SASRec)
        False
    """
    names = {base.__name__ for base in model_class.__mro__}
    files = [_RECBOLE / "properties" / "model" / f"{name}.yaml" for name in names]
    return frozenset(
        set[str]().union(*(_yaml_keys(path) for path in files if path.is_file()))
        | _reads(_model_sources(model_class))
    )


@cache
def other_models_keys() -> frozenset[str]:
    """The keys of the property files of all models of RecBole.

    Examples:
        >>> "dropout_prob" in other_models_keys()
        True
    """
    files = (_RECBOLE / "properties" / "model").glob("*.yaml")
    return frozenset(set[str]().union(*map(_yaml_keys, files)))


def module_sources(owner: type) -> list[str]:
    """The sources of the modules that define a class and its base classes.

    Args:
        owner: The class; a module without a source, such as one typed in, is left out.

    Examples:
        >>> module_sources(int)
        []
    """
    sources: list[str] = []
    for module in {inspect.getmodule(base) for base in owner.__mro__} - {None}:
        try:
            sources.append(inspect.getsource(module))  # type: ignore[arg-type]
        except (OSError, TypeError):
            continue
    return sources


def is_recboles(owner: type) -> bool:
    """Whether a class is one of RecBole's or of this package.

    Args:
        owner: The class.

    Examples:
        >>> is_recboles(Path)
        False
    """
    return owner.__module__.split(".")[0] in ("recbole", "recbole_fn")


def _model_sources(model_class: type) -> list[str]:
    """The sources of a model; of the module of abstract models only the classes it derives from."""
    bases = [
        base for base in model_class.__mro__ if base.__module__ == abstract_recommender.__name__
    ]
    shared = inspect.getsource(abstract_recommender)
    own = [source for source in module_sources(model_class) if source != shared]
    return own + [inspect.getsource(base) for base in bases]


def _yaml_keys(path: Path) -> set[str]:
    return set(yaml.safe_load(path.read_text(encoding="utf-8")) or ())


def _reads(sources: Iterable[str]) -> set[str]:
    return {key for source in sources for pair in _READS.findall(source) for key in pair if key}

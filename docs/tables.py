"""Tables of keys, components, variants and subcommands in Markdown, made from the classes."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from recbole_fn.cli.parser import SUBCOMMANDS
from recbole_fn.comparison.variants import FEEDBACK_VARIANTS, VARIANTS
from recbole_fn.config import settings as fn
from recbole_fn.config.components import Component
from recbole_fn.config.constraints import Constraint
from recbole_fn.extraction import TREATMENTS
from recbole_fn.losses import LOSSES
from recbole_fn.negatives import SAMPLERS
from recbole_fn.priors import PRIOR, PRIORS
from recbole_fn.training.parts import LOSS, SAMPLER, TREATMENT
from recbole_fn.tune import settings as tune

CHOICES = {choice.key: choice.description for choice in (SAMPLER, LOSS, TREATMENT, PRIOR)}


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown.

    Args:
        header: The titles of the columns.
        rows: The cells.

    Example:
        >>> print(table(["key", "default"], [["`fn_log`", "`null`"]]))
        | key | default |
        |---|---|
        | `fn_log` | `null` |
    """
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [f"| {' | '.join(cells)} |" for cells in [header, *escaped]]
    return "\n".join([lines[0], "|---" * len(header) + "|", *lines[1:]])


def meanings(keys: type) -> dict[str, str]:
    """What each field of a class means, from `Attributes` in its docstring and its bases'.

    Args:
        keys: The class.

    Example:
        >>> meanings(fn.FNSettings)["gbce_t"]
        't, the calibration of `gbce`.'
    """
    found: dict[str, str] = {}
    for owner in filter(dataclasses.is_dataclass, keys.__mro__):
        section = inspect.cleandoc(owner.__doc__ or "").split("Attributes:\n")[1].split("\n\n")[0]
        entries = re.split(r"\n?^    (\w+): ", section, flags=re.M)[1:]
        pairs = zip(entries[::2], entries[1::2])
        found |= {name: " ".join(text.split()) for name, text in pairs}
    return found


def keys_table(keys: type, prefix: str, constraints: Mapping[str, Constraint]) -> str:
    """The keys of a class: name, default, constraint, meaning.

    Args:
        keys: A dataclass with fields made by `recbole_fn.config.constraints.key`.
        prefix: What the keys begin with.
        constraints: What each key must be.
    """
    known = meanings(keys)
    rows = []
    for field in dataclasses.fields(keys):
        name = prefix + field.name
        must = CHOICES.get(name, constraints[name].description)
        if field.default is None and "null" not in must:
            must = f"{must}, or null"
        meaning = re.sub(r"\bNone\b", "null", known[field.name])
        rows.append([f"`{name}`", f"`{plain(field.default)}`", must, meaning])
    return table(["key", "default", "it must be", "what it does"], rows)


def plain(value: object) -> str:
    """A value as a property file writes it.

    Example:
        >>> plain(None), plain(True), plain("auto")
        ('null', 'True', 'auto')
    """
    return "null" if value is None else str(value)


def components_table(key: str, parts: Iterable[type[Component]]) -> str:
    """The classes with a short name: name, what it is, arguments.

    Args:
        key: The key that chooses among them.
        parts: The classes.
    """
    rows = [[f"`{part.name}`", summary(part), arguments(part) or "none"] for part in parts]
    return table([f"`{key}`", "what it is", f"arguments (`{key}_args`)"], rows)


def summary(part: type) -> str:
    """The first sentence of a docstring, without a reference to a function.

    Example:
        >>> from recbole_fn.losses import BCELoss
        >>> summary(BCELoss)
        'Binary cross entropy.'
    """
    first = " ".join(inspect.cleandoc(part.__doc__ or "").split("\n\n")[0].split())
    return re.sub(r", see `\w+`", "", first)


def arguments(part: type[Component]) -> str:
    """The arguments of a component: name, default, meaning, and what each must be."""
    return "<br>".join(
        f"`{field.name}: {plain(field.default)}`: {field.metadata['meaning']}; "
        f"{field.metadata['constraint'].description}"
        for field in dataclasses.fields(part.Args)
    )


def variants_table(variants: Mapping[str, Mapping[str, object]]) -> str:
    """The variants of a comparison, and the keys that make each of them."""
    rows = [
        [f"`{name}`", ", ".join(f"`{key}: {plain(value)}`" for key, value in keys.items())]
        for name, keys in variants.items()
    ]
    return table(["variant", "keys"], rows)


def subcommands_table() -> str:
    """The subcommands of the command line."""
    rows = [[f"`{name}`", words] for name, words in SUBCOMMANDS.items()]
    return table(["subcommand", "what it does"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "fn_keys": lambda: keys_table(fn.FNSettings, fn.PREFIX, fn.CONSTRAINTS),
    "tune_keys": lambda: keys_table(tune.TuneSettings, tune.PREFIX, tune.CONSTRAINTS),
    "losses": lambda: components_table("fn_loss", LOSSES),
    "treatments": lambda: components_table("fn_strategy", TREATMENTS),
    "samplers": lambda: components_table("fn_sampler", SAMPLERS),
    "priors": lambda: components_table("fn_prior", PRIORS),
    "variants": lambda: variants_table(VARIANTS),
    "feedback_variants": lambda: variants_table(FEEDBACK_VARIANTS),
    "subcommands": subcommands_table,
}

"""Lets RecBole evaluate literals alone, so that no value of the user's is run as code.

RecBole calls `eval` on each `--key=value`, on each string of a configuration dictionary and on
the choices of a tuning file, and takes a value that fails for a string. The hooks here look at
the syntax first. A property file's strings stay strings, but its tags could name objects.
"""

import ast
import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from recbole.config import configurator

from recbole_fn.utils.errors import InputError

_ALLOWED = "allowed is a literal, such as 0.001, [5, 10] or {'RS': [8, 1, 1]}, or a plain word"
# These bind names of their own, so an unknown name in them does not make them a word.
_BINDING = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr)
_OBJECT_TAGS = tuple(f"tag:yaml.org,2002:python/{kind}" for kind in ("name", "module", "object"))


def convert_config_dict(
    original: Callable[..., Any], config: Any, config_dict: dict[str, Any]
) -> dict[str, Any]:
    """Hook of `Config._convert_config_dict`: words and literals become what they are in RecBole.

    Raises:
        InputError: for a value that RecBole would run as code.
    """
    words = {key for key, value in config_dict.items() if _is_word(key, value)}
    others = {key: value for key, value in config_dict.items() if key not in words}
    converted = original(config, others)
    return {key: config_dict[key] if key in words else converted[key] for key in config_dict}


def require_literal_choices(original: Callable[..., Any], file: str) -> Any:
    """Hook of `HyperTuning._build_space_from_file`: refuses choices that are no literals.

    Raises:
        InputError: naming the parameter.
    """
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        name, kind, *value = [*line.split(" ", 2), "", ""][:3]
        text = "".join(value).replace(" ", "")  # as RecBole joins it
        if kind == "choice" and not _is_literal(text):
            raise InputError(f"{name} in {file!r} is choice {text!r}; {_ALLOWED}")
    return original(file)


def require_values(path: Path) -> None:
    """Refuses a property file whose tags name objects of Python, such as `!!python/name:`.

    Raises:
        InputError: naming the tag.
        yaml.YAMLError: if the file is no YAML.
    """
    for event in yaml.parse(path.read_text(encoding="utf-8"), yaml.FullLoader):
        tag = getattr(event, "tag", None) or ""
        if tag.startswith(_OBJECT_TAGS):
            short = tag.replace("tag:yaml.org,2002:", "!!")
            raise InputError(
                f"config file {str(path)!r} has the tag {short!r}; allowed are plain values"
            )


def _is_word(key: str, value: Any) -> bool:
    """Whether a value is a word that RecBole must not even look at, as `data/my-set` or `a(1)`.

    It is where it has a name that RecBole does not know, on which its `eval` fails. RecBole may
    look at the others: at a literal, at a name, and at what is no expression at all.
    """
    if not isinstance(value, str):
        return False
    try:
        tree = ast.parse(value.lstrip(" \t"), mode="eval").body
        if _is_name(tree) or _is_literal(value):
            return False
    except SyntaxError:
        return False
    except (ValueError, MemoryError, RecursionError) as error:
        raise InputError(f"{key} is {value[:20]!r} and so on, nested too deep") from error
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    known = names <= {*vars(builtins), *vars(configurator)}
    if known or any(isinstance(node, _BINDING) for node in nodes):
        raise InputError(f"{key} is {value!r}, an expression; {_ALLOWED}")
    return True


def _is_name(tree: ast.AST) -> bool:
    """Whether it is `a` or `a.b.c`."""
    while isinstance(tree, ast.Attribute):
        tree = tree.value
    return isinstance(tree, ast.Name)


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return False
    except TypeError:  # `{[]: 1}`: a literal that cannot be; RecBole takes it for a string
        return True
    return True

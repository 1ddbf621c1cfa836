"""Restricts RecBole's `eval` to literals, so that no value from a user is run as code.

RecBole calls `eval` on each `--key=value`, on each string of a configuration dictionary and on
the choices of a tuning file; a value on which `eval` fails stays a string. The hooks here check
the syntax first. Strings in a property file stay strings, but its tags could name objects.
"""

import ast
import builtins
import re
from pathlib import Path

import yaml
from recbole.config import configurator

from recbole_fn.hooks.fast_yaml import FAST_SAFE_LOADER
from recbole_fn.hooks.original import Original
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Keys

_LITERAL = "it must be a literal, such as 0.001, [5, 10] or {'RS': [8, 1, 1]}, or a plain word"
# These bind names, so an unknown name in them does not make the value a word.
_BINDING = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr)
_METRIC = re.compile(r"\w+@\d+(/\w+)?")  # map@12, ndcg@10/uni100
_OBJECT_TAGS = tuple(f"tag:yaml.org,2002:python/{kind}" for kind in ("name", "module", "object"))


def convert_config_dict(original: Original, config: Config, config_dict: Keys) -> Keys:
    """Hook of `Config._convert_config_dict`: converts literals, and leaves words as they are.

    Raises:
        InputError: for a value that RecBole would run as code.

    Examples:
        >>> convert_config_dict(lambda config, keys: keys, None, {"data_path": "data/my-set"})
        {'data_path': 'data/my-set'}
        >>> convert_config_dict(lambda config, keys: keys, None, {"epochs": "print(1)"})
        Traceback (most recent call last):
        ...
        recbole_fn.utils.errors.InputError: epochs is 'print(1)', an expression; it must be ...
    """
    words = {key for key, value in config_dict.items() if _is_word(key, value)}
    others = {key: value for key, value in config_dict.items() if key not in words}
    converted = original(config, others)
    return {key: config_dict[key] if key in words else converted[key] for key in config_dict}


def require_literal_choices(original: Original, file: str) -> Keys:
    """Hook of `HyperTuning._build_space_from_file`: refuses choices that are no literals.

    Raises:
        InputError: naming the parameter.

    Examples:
        `register` puts it behind `HyperTuning`:

        >>> size = Path("hyper.test").write_text("topk choice [open('x')]")
        >>> require_literal_choices(None, "hyper.test")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: topk in 'hyper.test' is choice "[open('x')]"; it must be
        a literal, such as 0.001, [5, 10] or {'RS': [8, 1, 1]}, or a plain word
    """
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        name, kind, *value = [*line.split(" ", 2), "", ""][:3]
        text = "".join(value).replace(" ", "")  # as RecBole joins it
        if kind == "choice" and not _is_literal(text):
            raise InputError(f"{name} in {file!r} is choice {text!r}; {_LITERAL}")
    space: Keys = original(file)
    return space


def require_values(path: Path) -> None:
    """Refuses a property file whose tags name objects of Python, such as `!!python/name:`.

    Raises:
        InputError: naming the tag.
        yaml.YAMLError: if the file is no YAML.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "own.yaml")
        ...     _ = path.write_text("epochs: 3")
        ...     require_values(path)
    """
    for event in yaml.parse(path.read_text(encoding="utf-8"), FAST_SAFE_LOADER):
        tag = getattr(event, "tag", None) or ""
        if tag.startswith(_OBJECT_TAGS):
            short = tag.replace("tag:yaml.org,2002:", "!!")
            raise InputError(
                f"config file {str(path)!r} has the tag {short!r}; it must hold plain values only"
            )


def _is_word(key: str, value: object) -> bool:
    """Whether a value is plain text that must not reach RecBole's `eval`: `data/my-set`, `a(1)`.

    A value is treated as plain text if it contains an identifier that RecBole's `eval` cannot
    resolve. Literals, bare names and non-expressions are passed to RecBole unchanged.
    """
    if not isinstance(value, str):
        return False
    if _METRIC.fullmatch(value):  # Python has a `map`
        return True
    try:
        tree = ast.parse(value.lstrip(" \t"), mode="eval").body
        if _is_name(tree) or _is_literal(value):
            return False
    except SyntaxError:
        return False
    except (ValueError, MemoryError, RecursionError) as error:
        raise InputError(f"{key} is {value[:20]!r} ..., nested too deep; {_LITERAL}") from error
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    known = names <= {*vars(builtins), *vars(configurator)}
    if known or any(isinstance(node, _BINDING) for node in nodes):
        raise InputError(f"{key} is {value!r}, an expression; {_LITERAL}")
    return True


def _is_name(tree: ast.AST) -> bool:
    """Whether a syntax tree is a name such as `a` or `a.b.c`."""
    while isinstance(tree, ast.Attribute):
        tree = tree.value
    return isinstance(tree, ast.Name)


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return False
    except TypeError:  # `{[]: 1}`: a literal without a value; RecBole keeps it as a string
        return True
    return True

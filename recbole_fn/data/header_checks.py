"""Checks the headers and lists of a data set's files before RecBole reads them."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from recbole_fn.utils.errors import InputError, nearest
from recbole_fn.utils.recbole_types import Config

_TYPES = ("token", "float", "token_seq", "float_seq")


def require_headers(config: Config) -> None:
    """Checks types of columns, lists of pre-split files, and the features that a model selects.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the file, and the column, the line or the key.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> keys = {"benchmark_filename": None, "encoding": None, "field_separator": ","}
        >>> with TemporaryDirectory() as folder:
        ...     _ = Path(folder, "tiny.inter").write_text("user_id,item_id:token")
        ...     require_headers({"data_path": folder, "dataset": "tiny", **keys})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: ... the column 'user_id'; it must be name:type, ...
    """
    folder, name = Path(config["data_path"]), str(config["dataset"])
    parts = [f"{name}.{part}" for part in config["benchmark_filename"] or ()] or [name]
    paths = [folder / f"{part}.inter" for part in parts]
    types = {path: _column_types(path, config) for path in paths if path.is_file()}
    features = folder / f"{name}.item"
    if features.is_file():
        _require_token_feature(features, _column_types(features, config), config)
    _require_columns([*types, features, folder / f"{name}.user"], config)
    _require_additional_files(folder, name, config)
    _require_labels(types, config)
    if config["benchmark_filename"]:
        _require_alike(types)
        for path in types:
            _require_lists(path, types[path], config)


def _require_labels(types: dict[Path, dict[str, str]], config: Config) -> None:
    """Labels are a column that is loaded, or made of one by `threshold`."""
    if "labeled" not in config["eval_args"]["mode"].values():
        return
    label, loaded = config["LABEL_FIELD"], (config["load_col"] or {}).get("inter")
    for path, columns in types.items():
        is_loaded = label in columns and (loaded is None or loaded == "*" or label in loaded)
        if not is_loaded and not config["threshold"]:
            raise InputError(
                f"eval_args.mode is labeled, but {label!r} (LABEL_FIELD) is not a column that is "
                f"loaded from {str(path)!r}; it must be one in load_col.inter"
            )


def _column_types(path: Path, config: Config) -> dict[str, str]:
    types = {}
    for column in next(_lines(path, config), [""]):
        name, _, kind = column.partition(":")
        if kind not in _TYPES:
            raise InputError(
                f"data set file {str(path)!r} has in its header the column {column!r}; it must be "
                f"name:type, such as {name}:token, where the type is one of {', '.join(_TYPES)}"
            )
        types[name] = kind
    return types


def _require_columns(paths: Iterable[Path], config: Config) -> None:
    """Refuses keys that name a column which no file has."""
    lines = [next(_lines(path, config), []) for path in paths if path.is_file()]
    columns = {column.partition(":")[0] for line in lines for column in line}
    if not columns or config["additional_feat_suffix"]:
        return
    for key in ("normalize_field", "numerical_features", "val_interval", "threshold"):
        for name in config[key] or ():
            if str(name) not in columns:
                raise InputError(
                    f"{key} has {name!r}, which is no column of the data set; it must be one of "
                    f"its files, of which {nearest(str(name), columns)} is the nearest"
                )

    kinds = dict(column.split(":", 1) for line in lines for column in line if ":" in column)
    _require_floats(kinds, config)
    _require_fitting_values(kinds, config)


def _require_fitting_values(kinds: dict[str, str], config: Config) -> None:
    """Refuses intervals of tokens, and lists of numbers, of which RecBole leaves no row."""
    for name, wanted in (config["val_interval"] or {}).items():
        is_number, is_list = "float" in kinds[name], isinstance(wanted, (list, tuple))
        fits = isinstance(wanted, str) if is_number else is_list and all(map(_is_text, wanted))
        if not fits:
            must = "an interval, such as '[3,inf)'" if is_number else "a list of texts, as ['3']"
            raise InputError(
                f"val_interval has {name}: {wanted!r}, a column of type {kinds[name]}; it must be "
                f"{must}"
            )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _require_floats(kinds: dict[str, str], config: Config) -> None:
    """Refuses columns of tokens as numbers, and numbers put into buckets that are none."""
    numbers = config["numerical_features"] or ()
    for name in numbers:
        if "float" not in kinds[name]:
            raise InputError(
                f"numerical_features has {name!r}, a column of type {kinds[name]}; it must be of "
                f"type float or float_seq"
            )
    for name in config["discretization"] or ():
        if name not in numbers:
            raise InputError(
                f"discretization has {name!r}; it must be one of numerical_features, which is "
                f"{list(numbers)}"
            )


def _require_additional_files(folder: Path, name: str, config: Config) -> None:
    for suffix in config["additional_feat_suffix"] or ():
        path = folder / f"{name}.{suffix}"
        if not path.is_file():
            raise InputError(
                f"additional_feat_suffix has {suffix!r}, but there is no file {str(path)!r}; it "
                f"must be the suffix of a file of the data set"
            )


def _lines(path: Path, config: Config) -> Iterator[list[str]]:
    separator = config["field_separator"]
    with path.open(encoding=config["encoding"] or "utf-8") as file:
        for line in file:
            text = line.rstrip("\r\n")
            if '"' in text and len(separator) == 1:
                yield next(csv.reader([text], delimiter=separator))
            else:
                yield text.split(separator)


def _require_token_feature(path: Path, types: dict[str, str], config: Config) -> None:
    selected, embedded = config["selected_features"] or [], config["numerical_features"] or ()
    usable = [name in embedded or "token" in types.get(name, "token") for name in selected]
    if selected and not any(usable):
        raise InputError(
            f"selected_features is {selected!r}, all of them float in {str(path)!r}; one must be "
            f"token or token_seq there, or stand in numerical_features"
        )


def _require_alike(types: dict[Path, dict[str, str]]) -> None:
    first, *others = types
    for other in others:
        if types[other] != types[first]:
            raise InputError(
                f"data set file {str(other)!r} has columns {_shown(types[other])}; it must have "
                f"those of {str(first)!r}: {_shown(types[first])}"
            )


def _shown(types: dict[str, str]) -> str:
    return ", ".join(f"{name}:{kind}" for name, kind in types.items())


def _require_lists(path: Path, types: dict[str, str], config: Config) -> None:
    """Refuses pre-split files whose histories are no lists, or longer than a model's."""
    column, longest = (
        config["ITEM_ID_FIELD"] + config["LIST_SUFFIX"],
        config["MAX_ITEM_LIST_LENGTH"],
    )
    if types.get(column, "token_seq") != "token_seq":
        raise InputError(
            f"data set file {str(path)!r} has the column {column}:{types[column]}; it must be "
            f"{column}:token_seq"
        )
    if column not in types:
        return
    place, cut = list(types).index(column), (config["seq_len"] or {}).get(column, longest + 1)
    for number, fields in enumerate(_lines(path, config), 1):
        is_row = number > 1 and "".join(fields).strip() != ""
        text = fields[place] if len(fields) > place else ""
        length = len([item for item in text.split(config["seq_separator"]) if item])
        if is_row and not 0 < min(length, cut) <= longest:
            raise InputError(
                f"data set file {str(path)!r} has in line {number} a list of {length} items in "
                f"{column}; it must have at least one, and at most MAX_ITEM_LIST_LENGTH, which is "
                f"{longest}"
            )

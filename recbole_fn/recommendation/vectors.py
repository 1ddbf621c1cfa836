"""The vectors of items and users, where scores are dot products."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from recbole_fn.recommendation.formats import pyarrow
from recbole_fn.recommendation.lists import CHUNK
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.scoring import Catalogue
from recbole_fn.recommendation.selection import Asked
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import alone, replaced


def dot_catalogue(loaded: Loaded, asked: Asked) -> Catalogue:
    """The catalogue of a model whose scores are dot products.

    Args:
        loaded: The model and its data.
        asked: Histories on which this is tried.

    Raises:
        InputError: if they are not.

    Example:
        >>> from recbole_fn.recommendation.selection import users_of
        >>> dot_catalogue(loaded, users_of(loaded)).table.shape  # [num_items, hidden]
        torch.Size([51, 16])
    """
    catalogue = Catalogue.of(loaded, asked.queries)
    if catalogue.scorer is None:
        raise InputError(f"model {loaded.config['model']!r} of {loaded.name!r} {_obstacle(loaded)}")
    return catalogue


def _obstacle(loaded: Loaded) -> str:
    """Why scores are no dot products, and what must be instead."""
    if getattr(loaded.model, "fn_prior", None) is None:
        words = "scores by no dot product of a user and an item"
        return f"{words}; it must be one whose scores are dot products (docs/models.md)"
    return (
        f"adds the prior {loaded.config['fn_prior']!r} to its scores, which vectors would leave "
        f"out; it must be trained with --fn_prior=None (recommend and serve take this one)"
    )


def export_vectors(loaded: Loaded, asked: Asked, folder: Path) -> None:
    """Writes `items` and `users`, each as .npy (vectors alone) and .parquet (with the tokens).

    The dot product of a row of the one and a row of the other is the model's score. The padding
    is left out.

    Args:
        loaded: The model and its data.
        asked: The users, or histories, whose vectors are written.
        folder: Where the files go; it is made if there is none.

    Raises:
        InputError: if scores are no dot products, or the folder cannot be written.

    Example:
        >>> from recbole_fn.recommendation.selection import users_of
        >>> export_vectors(loaded, users_of(loaded), folder / "vectors")
        >>> np.load(folder / "vectors" / "items.npy").shape  # [items, hidden]
        (50, 16)
    """
    catalogue = dot_catalogue(loaded, asked)
    table = catalogue.table[1:].float().cpu()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        width = table.shape[1]
        # Items of one model and users of another give scores of none.
        with alone(folder, f"vectors is {str(folder)!r}, which another process writes"):
            _write(folder / "items", loaded.item_tokens[1:], iter(table.split(CHUNK)), width)
            _write(folder / "users", asked.tokens, _states(catalogue, asked), width)
    except OSError as error:  # only the system knows the reason
        raise InputError(
            f"vectors is {str(folder)!r}; it must be a folder that can be written: {error.strerror}"
        ) from error


def _states(catalogue: Catalogue, asked: Asked) -> Iterator[Tensor]:
    """The vectors of all histories, in their order, some at a time."""
    for index in torch.arange(len(asked.queries)).split(catalogue.rows):
        yield catalogue.states(asked.queries, index).cpu()


def _write(path: Path, tokens: np.ndarray, parts: Iterator[Tensor], width: int) -> None:
    """Writes vectors part by part, never all of them in memory."""
    arrow, parquet = pyarrow()
    kind = arrow.list_(arrow.float32(), width)
    schema = arrow.schema([("token", arrow.string()), ("vector", kind)])
    header = np.lib.format.header_data_from_array_1_0(np.empty((0, width), np.float32))
    with (
        replaced(path.with_suffix(".npy")) as plain,
        replaced(path.with_suffix(".parquet")) as named,
        parquet.ParquetWriter(named, schema) as writer,
    ):
        np.lib.format.write_array_header_1_0(plain, {**header, "shape": (len(tokens), width)})
        done = 0
        for part in parts:
            vectors = np.ascontiguousarray(part.numpy(), dtype=np.float32)
            plain.write(vectors.tobytes())
            names = tokens[done : done + len(vectors)].astype(str)
            lists = arrow.FixedSizeListArray.from_arrays(vectors.reshape(-1), width)
            writer.write_table(arrow.table([arrow.array(names), lists], schema=schema))
            done += len(vectors)

"""Writes the vectors of items as an index of faiss, for fast lists of the highest dot products."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from recbole_fn.environment.packages import require_extra
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.scoring import Catalogue
from recbole_fn.recommendation.selection import Asked
from recbole_fn.recommendation.vectors import dot_catalogue
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import replaced, write_whole
from recbole_fn.utils.spread import spread

RECALL = 0.99
_K = 10  # items of the lists that are compared
_QUERIES = 256
_LINKS = 32  # of an item in the graph
_EXPLORED = 64  # items, doubled until the lists are nearly exact


def export_faiss(loaded: Loaded, asked: Asked, path: Path) -> float:
    """Writes an HNSW index of the items, and their names in the order of its numbers as JSON.

    The index explores as many items for a query as a recall of 0.99 takes: the share of the exact
    ten best items of up to 256 of the histories that the index finds. Where no HNSW index has it,
    the index is a flat one, which is exact.

    Args:
        loaded: The model and its data.
        asked: The histories on which the recall is measured.
        path: The file; the names go to the same with `.json` appended.

    Returns:
        The recall.

    Raises:
        InputError: if the extra is not installed, scores are no dot products, or the file cannot
            be written.

    Example:
        Numbers of the index begin at the first item:

        >>> from recbole_fn.recommendation.selection import users_of
        >>> export_faiss(loaded, users_of(loaded), Path("items.faiss")) >= RECALL
        True
        >>> json.loads(Path("items.faiss.json").read_text()) == loaded.item_tokens[1:].tolist()
        True
    """
    require_extra("faiss")
    catalogue = dot_catalogue(loaded, asked)
    vectors = np.ascontiguousarray(catalogue.table[1:].float().cpu().numpy())
    index, recall = _index_of(vectors, _some_states(catalogue, asked))
    _write(index, [str(token) for token in loaded.item_tokens[1:]], path)
    return recall


def _some_states(catalogue: Catalogue, asked: Asked) -> np.ndarray:
    """The vectors of up to 256 histories, shape [queries, hidden]."""
    chosen = spread(len(asked.queries), _QUERIES).split(catalogue.rows)
    return torch.cat([catalogue.states(asked.queries, part).cpu() for part in chosen]).numpy()


def _index_of(vectors: np.ndarray, states: np.ndarray) -> tuple[Any, float]:
    """An index of vectors [items, hidden], and the recall for queries [queries, hidden]."""
    import faiss

    index: Any = faiss.IndexHNSWFlat(vectors.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 4 * _LINKS
    index.add(vectors)
    recall = explore_enough(index, states, vectors)
    if recall < RECALL:  # a graph does not suit these vectors
        index, recall = faiss.IndexFlatIP(vectors.shape[1]), 1.0
        index.add(vectors)
    return index, recall


def _write(index: Any, names: list[str], path: Path) -> None:
    import faiss

    try:
        with replaced(path) as file:
            file.write(faiss.serialize_index(index).tobytes())
        write_whole(path.with_name(path.name + ".json"), json.dumps(names, ensure_ascii=False))
    # The system's reason: only it knows why a file cannot be written.
    except OSError as error:
        reason = f"it must be a file that can be written: {error.strerror}"
        raise InputError(f"faiss is {str(path)!r}; {reason}") from error


def recall_of(found: np.ndarray, exact: np.ndarray) -> float:
    """The share of exact items that are found, whatever their order.

    Args:
        found: Items of each query, shape [queries, k]; -1 for none.
        exact: The same, exact.

    Example:
        >>> recall_of(np.array([[3, 1], [2, -1]]), np.array([[1, 3], [2, 5]]))
        0.75
    """
    hits = [len(set(one) & set(other)) for one, other in zip(found, exact, strict=True)]
    return sum(hits) / exact.size


def explore_enough(index: Any, states: np.ndarray, vectors: np.ndarray) -> float:
    """Sets how many items an index explores for a query; the recall with which it finds lists.

    Args:
        index: An HNSW index of the vectors.
        states: Queries, shape [queries, hidden].
        vectors: Shape [items, hidden].

    Example:
        >>> import faiss
        >>> vectors = np.eye(8, dtype=np.float32)
        >>> index = faiss.IndexHNSWFlat(8, 4, faiss.METRIC_INNER_PRODUCT)
        >>> index.add(vectors)
        >>> explore_enough(index, vectors, vectors) >= RECALL
        True
    """
    k = min(_K, len(vectors))
    exact = torch.from_numpy(states @ vectors.T).topk(k).indices.numpy()
    explored = _EXPLORED
    while True:
        index.hnsw.efSearch = explored
        _, found = index.search(states, k)
        recall = recall_of(found, exact)
        if recall >= RECALL or explored >= len(vectors):
            return recall
        explored *= 2

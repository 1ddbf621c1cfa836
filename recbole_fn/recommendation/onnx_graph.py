"""Writes a model as one ONNX graph: histories in, the best items out."""

import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.environment.packages import require_extra
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.scoring.precision import casting_anew
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import replaced

TOLERANCE = 1e-4  # of a score, between onnxruntime and torch
_OPSET = 17
_ROWS = (2, 1, 7)  # rows of the example, and of batches on which the graph is compared


def export_onnx(loaded: Loaded, path: Path, k: int = 10, exclude: str = "history") -> None:
    """Writes the graph, after onnxruntime has given torch's scores for batches of other sizes.

    The input `histories` has item ids, shape [rows, MAX_ITEM_LIST_LENGTH], the latest item last,
    then zeros. The outputs `scores` and `items` have the shape [rows, k]; where fewer items are
    left, the score is -inf and the item 0. The names of the ids are in the file's metadata, as the
    JSON list `items`.

    Args:
        loaded: The model and its data.
        path: The file.
        k: Items of a list.
        exclude: `history` leaves out the items of a row; `none` leaves out nothing.

    Raises:
        InputError: for a wrong k or exclude, if the extra is not installed, if torch cannot export
            the model, or its graph does not give torch's scores.

    Example:
        >>> export_onnx(loaded, Path("model.onnx"), k=20)
        >>> Path("model.onnx").is_file()
        True
    """
    if not 1 <= k < loaded.dataset.item_num:
        raise InputError(f"k is {k}; it must be from 1 to {loaded.dataset.item_num - 1}")
    if exclude not in ("history", "none"):
        raise InputError(f"exclude is {exclude!r}; it must be history or none in a graph")
    require_extra("onnx")
    content = _with_names(_checked_graph(loaded, k, exclude), loaded)
    try:
        with replaced(path) as file:
            file.write(content)
    except OSError as error:  # only the system knows the reason
        raise InputError(
            f"onnx is {str(path)!r}; it must be a file that can be written: {error.strerror}"
        ) from error


class _TopK(torch.nn.Module):
    """The model with what is around it when it recommends."""

    def __init__(self, loaded: Loaded, k: int, exclude: str) -> None:
        super().__init__()
        self.model, self.k, self.leaves_out = loaded.model.cpu().eval(), k, exclude == "history"
        data = loaded.dataset
        self.fields = (data.uid_field, data.iid_field, data.item_list_length_field)
        self.item_list = data.iid_field + data.config["LIST_SUFFIX"]
        self.num_items = data.item_num

    def forward(self, histories: Tensor) -> tuple[Tensor, Tensor]:
        """The best scores and items, each [rows, k], of histories [rows, width]."""
        lengths = (histories > 0).sum(1)
        unknown = torch.zeros_like(lengths)
        columns = dict(zip(self.fields, (unknown, unknown, lengths), strict=True))
        rows = Interaction({**columns, self.item_list: histories})
        scores = self.model.full_sort_predict(rows)
        scores = scores.view(histories.shape[0], -1)[:, : self.num_items]
        # Zeros after a history are the padding, which is left out in any case.
        left_out = histories if self.leaves_out else torch.zeros_like(histories[:, :1])
        scores = scores.scatter(1, left_out, -torch.inf)
        scores = scores.scatter(1, torch.zeros_like(histories[:, :1]), -torch.inf)
        values, items = scores.topk(self.k, 1)
        # Where fewer than k are left, topk goes on with what is left out.
        return values, items.where(values > -torch.inf, torch.zeros_like(items))


def _checked_graph(loaded: Loaded, k: int, exclude: str) -> bytes:
    model = _TopK(loaded, k, exclude).eval()  # else the exporter sets it back to training
    examples = [_histories(loaded, rows) for rows in _ROWS]
    try:
        content = _graph(model, examples[0])
        for histories in examples:
            _require_same(content, model, histories)
    except Exception as error:  # of torch's exporter and of onnxruntime, of any kind
        # Its words tell whoever wrote the model which operation it is; nobody knows them before.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"model {loaded.config['model']!r} of {loaded.name!r} cannot be exported to ONNX; it "
            f"must be one that docs/models.md names: {reason[:300]}"
        ) from error
    return content


def _histories(loaded: Loaded, rows: int) -> Tensor:
    """Histories of different lengths, from an item to a whole list, [rows, width]."""
    width, generator = loaded.dataset.fn_prefixes.width, torch.Generator().manual_seed(rows)
    items = torch.randint(1, loaded.dataset.item_num, (rows, width), generator=generator)
    lengths = torch.linspace(width, 1, rows).long().unsqueeze(1)
    return items * (torch.arange(width) < lengths)


def _graph(model: _TopK, example: Tensor) -> bytes:
    file: Any = BytesIO()  # torch takes it, though its types do not say so
    outputs = ["scores", "items"]
    # torch leaves the cache of casts off for the whole process if tracing fails.
    with warnings.catch_warnings(), torch.no_grad(), _silent(), casting_anew():
        warnings.simplefilter("ignore")  # about what becomes a constant; the graph is compared
        torch.onnx.export(
            model,
            (example,),
            file,
            input_names=["histories"],
            output_names=outputs,
            dynamic_axes={name: {0: "rows"} for name in ("histories", *outputs)},
            opset_version=_OPSET,
            dynamo=False,  # the other exporter needs another package
        )
    content: bytes = file.getvalue()
    return content


@contextmanager
def _silent() -> Iterator[None]:
    """Within the context the process prints nothing: torch prints a graph that it cannot export.

    It does so below Python, where `redirect_stdout` does not reach.
    """
    sys.stdout.flush()
    before = os.dup(1)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(before, 1)
        os.close(before)


def _require_same(content: bytes, model: _TopK, histories: Tensor) -> None:
    import onnxruntime

    options: Any = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # its errors are raised as well
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    scores, _ = session.run(None, {"histories": histories.numpy()})
    with torch.no_grad():
        expected, _ = model(histories)
    different = ~np.isclose(scores, expected.numpy(), rtol=0, atol=TOLERANCE)
    if different.any():
        raise ValueError(f"{int(different.sum())} of {different.size} scores differ from torch's")


def _with_names(content: bytes, loaded: Loaded) -> bytes:
    import onnx

    graph = onnx.load_from_string(content)
    names = json.dumps([str(token) for token in loaded.item_tokens], ensure_ascii=False)
    onnx.helper.set_model_props(graph, {"model": str(loaded.config["model"]), "items": names})
    whole: bytes = graph.SerializeToString()
    return whole

"""`export`: writes a checkpoint as vectors, as an index of faiss, or as an ONNX graph."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from recbole_fn.cli.checkpoint_parser import CheckpointParser
from recbole_fn.cli.parser import require_used
from recbole_fn.utils.claims import taken
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.folders import require_file

_DESCRIPTION = """\
Writes what other programs recommend with. --vectors: items.npy, items.parquet, users.npy and
users.parquet; the dot product of a user and an item is the model's score. --faiss: an index of the
items. Both need a model without a prior, which no vector holds: fn.yaml with --fn_prior=None.
--onnx: the model as one graph, histories in, the best items out."""
EXAMPLES = (
    "--vectors=vectors",
    "--faiss=items.faiss",
    "--onnx=model.onnx --k=20",
)
_WAYS = ("vectors", "faiss", "onnx")
_USED = {
    "--vectors": {"checkpoint", "vectors", "users", "histories"},
    "--faiss": {"checkpoint", "faiss", "users", "histories"},
    "--onnx": {"checkpoint", "onnx", "k", "exclude"},
}


def parser() -> CheckpointParser:
    """The options.

    Examples:
        >>> parser().parse_args(["--checkpoint=a.pth", "--vectors=vectors"]).vectors
        'vectors'
    """
    made = CheckpointParser("export", _DESCRIPTION, EXAMPLES)
    add = made.add_argument_group("what is written").add_argument
    add("--vectors", metavar="FOLDER", help="vectors of items and users")
    add("--faiss", metavar="FILE", help='an index of the items; pip install "recbole_fn[faiss]"')
    add("--onnx", metavar="FILE", help='a graph; pip install "recbole_fn[onnx]"')
    add("--k", type=int, help="items of a list of the graph (default: 10)")
    add("--exclude", help="history or none, of the graph (default: history)")
    made.add_users()
    return made


def run(arguments: Sequence[str]) -> int:
    """Writes the files.

    Arguments, exit code and mistakes are those of each subcommand, see `dispatch.main`.

    Examples:
        >>> run([f"--checkpoint={model_file}", "--vectors=vectors"])
        Vectors: vectors
        0
    """
    options = parser().parse(arguments)
    ways = [way for way in _WAYS if getattr(options, way) is not None]
    if len(ways) != 1:
        raise InputError(
            f"{' and '.join(f'--{way}' for way in ways) or 'none of --vectors, --faiss, --onnx'} "
            f"is set; it must be one of --vectors, --faiss and --onnx"
        )
    require_used(options, f"--{ways[0]}", _USED)
    if ways[0] == "onnx":
        return _write_graph(options)
    return _write_vectors(options)


def _write_graph(options: argparse.Namespace) -> int:
    from recbole_fn.recommendation.loading import Loaded
    from recbole_fn.recommendation.onnx_graph import export_onnx

    path, k = Path(options.onnx), 10 if options.k is None else options.k
    require_file(path, "onnx")
    with taken(path, "onnx"):
        export_onnx(Loaded.from_file(options.checkpoint), path, k, options.exclude or "history")
    print(f"Graph: {path}")
    return 0


def _write_vectors(options: argparse.Namespace) -> int:
    from recbole_fn.recommendation.faiss_index import export_faiss
    from recbole_fn.recommendation.recommend import make_plan, require_items
    from recbole_fn.recommendation.vectors import export_vectors

    if options.faiss:
        require_file(Path(options.faiss), "faiss")
    which = ("none", None, None, "test", "popular")  # of all items; no list is made
    plan = make_plan(options.checkpoint, options.users, options.histories, 1, *which)
    name = "users" if options.histories is None else "histories"
    require_items(plan.asked, f"--{name} must be those with one, as no other has a vector")
    if options.vectors:
        export_vectors(plan.loaded, plan.asked, Path(options.vectors))
        print(f"Vectors: {options.vectors}")
    else:
        with taken(Path(options.faiss), "faiss"):  # the index and the names of its items
            recall = export_faiss(plan.loaded, plan.asked, Path(options.faiss))
        print(f"Index with a recall of {recall:.4f}: {options.faiss}")
    return 0

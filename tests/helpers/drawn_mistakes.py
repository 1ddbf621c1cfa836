"""Draws small runs with mistakes in them: in keys, property files, data and arguments."""

import random
from pathlib import Path
from typing import Any

import recbole
import yaml

from recbole_fn.config.settings import CONSTRAINTS, FNSettings

Content = bytes | str | None
GOOD = {
    "model": "SASRec",
    "dataset": "few",
    "data_path": "data",
    "config_files": "fn.yaml",
    "epochs": 1,
    "n_layers": 1,
    "n_heads": 1,
    "hidden_size": 4,
    "inner_size": 4,
    "MAX_ITEM_LIST_LENGTH": 4,
    "train_batch_size": 64,
    "fn_neg_num": 2,
    "fn_start": 0,
    "fn_flip_after": 0,
    "topk": 2,
    "valid_metric": "MRR@2",
    "show_progress": False,
    "state": "ERROR",
}
# Neither download, nor ask a service on the net, nor change what the next draw finds.
_LEFT_ALONE = {"log_wandb", "save_dataset", "save_dataloaders", "use_gpu", "gpu_id"}
_UNKNOWN = ("epoch", "fn_negnum", "fn_", "fn_Enabled", "learning-rate", "x", "名前", "a b", "")
_VALUES = (
    *("-3", "-1", "0", "1", "2", "0.5", "-0.5", "1e-3", "True", "False", "None", "true", "''"),
    *("nan", "float('nan')", "1e999", "abc", "adam", "0,1", "[]", "[1]", "[0]", "[-1,2]", "{}"),
    *("['MRR']", "['x', 3]", "{'a': 1}", "{'max_norm': 1}", "{'LS': 'x'}", "[[1],[2]]", "[1", "{"),
    *("user_id", "timestamp", "full", "uni2", "pop2", "BPR", "CE", "a/b", "../x", "fn.yaml", "é"),
    *("1+1", "__import__('os').getcwd()", "(lambda: 1)()", "[x for x in (1,2)]", "a b", "\t", " 1"),
    *("{'split': {'RS': [8, 1]}}", "{'split': {'LS': 'valid_only'}}", "{'order': 'XX'}", "data"),
    *("{'split': {'RS': [0, 0, 0]}}", "{'mode': 'uni0'}", "{'mode': 'labeled'}", "[0,0]", "(2,1)"),
    *("{'inter': ['user_id']}", "{'inter': 3}", "{'rating': '[1,inf)'}", "[3,inf)", "[9,inf)"),
)
_ALIKE = {  # values of the kind of a default, most of them out of range
    bool: ("True", "False", "0", "1"),
    int: ("-3", "-1", "0", "1", "2", "3"),
    float: ("-1.0", "0.0", "0.5", "1.0", "1.5", "1e-3", "1e30", "-1e30", "1e-40", "2"),
    str: ("", "x", "item_id", "label", "TO", "BPR", "[2,3]", "(", "uni1", "sgd", "NDCG@2", "relu"),
    list: ("[]", "['x']", "[1, 2]", "[0]", "['NDCG','MAP']", "[9999]", "['item_id']", "'Hit'"),
    dict: ("{}", "{'x': 1}", "{'split': {'RS': [1, 1, 1]}}", "{'inter': []}", "{'group_by': 'x'}"),
    type(None): _VALUES,
}
_YAML_VALUES = (
    *("1", "-1", "abc", "null", "[1, 2]", "{a: b}", "1e-3", ".nan", "-.inf", "yes", "2020-01-01"),
    *("'0.1'", '"1+1"', "!!python/name:os.system", "!!set {a}"),
    "!!python/object/apply:os.getcwd []",
    *("&a [*a]", "!!binary aGFsbG8=", "!!python/tuple [1, 2]", "|\n  two\n  lines", "0x10", "1_0"),
)
_BROKEN_FILES = (
    *(b"fn_neg_num: [1", b"just words", b"- a\n- b", b"", b"\xff\xfe\x00fn", b"a: b: c", b"\0"),
    *(b"fn_neg_num: 3\n\tepochs: 1", b"1: 2", b"? [a]\n: 1", b"a: *b", b"%YAML 9.9\n---\na: 1"),
    *(b"a: 1\n---\nb: 2", b"{" * 300, b"a: !!python/object/new:os.system [x]", b"epochs: \x80"),
)
_ARGUMENTS = (
    *("--epochs", "epochs=1", "--nproc=two", "--nproc=2", "--x=a=b", "--seeds=2", "-q", "--=1"),
    *(
        "--world_size=x",
        "--group_offset=1.5",
        "models",
        "--epochs=2",
        "--variants=flip",
        "--nproc=0",
    ),
)
_HEAD = "user_id:token\titem_id:token\ttimestamp:float\n"
_ROWS = "".join(f"u{u}\ti{(u + t) % 7}\t{t}\n" for u in range(8) for t in range(5))
_DATA = (
    *("", "\n", _HEAD, _ROWS, _HEAD[:-1], _HEAD + "u\ti\t1\n", _HEAD + "u\ti\n", _HEAD + _ROWS),
    *(_HEAD + "u\ti\t1\t2\n" * 3, _HEAD.replace("token", "tokn") + _ROWS, _HEAD + "u\ti\tx\n"),
    *(_HEAD.replace(":token", "") + _ROWS, _HEAD.replace("\t", ",") + _ROWS, "\ufeff" + _HEAD),
    *("user_id:token\tuser_id:token\titem_id:token\ttimestamp:float\n" + _ROWS, "a:b:c\td\n"),
    *(_HEAD.replace("timestamp:float", "timestamp:token") + _ROWS, _HEAD + '"u\ti\t1\n' + _ROWS),
    *(_HEAD.replace("item_id:token", "item_id:float") + _ROWS, _HEAD + "\0\0\t\0\n", "user_id"),
    *(_HEAD.replace("item_id:token", "item_id:token_seq") + _ROWS, _HEAD + "\ti\t1\nu\t\t2\n"),
    *(_HEAD + _ROWS.replace("\t0\n", "\tnan\n"), _HEAD + _ROWS.replace("\t0\n", "\tinf\n")),
    *(_HEAD + "".join(f"u\ti{t}\t{t}\n" for t in range(9)), _HEAD + _ROWS.replace("\n", "\r\n")),
    *(_HEAD + "".join(f"u{u}\ti{u}\t1\n" for u in range(9)), _HEAD + _ROWS + '"a""b"\ti1\t3\n'),
    *(_HEAD + "".join(f"u{u}\ti\t{t}\n" for u in range(3) for t in range(4)), _HEAD + _ROWS * 2),
)
_BYTES = (b"\xff\xfe\x00", bytes(range(256)), b"\x1f\x8b\x08\x00" * 9, _HEAD.encode() + b"\xe9\t1")


def known_keys() -> dict[str, Any]:
    """The keys of RecBole that concern a sequential model, and ours, with their defaults."""
    folder = Path(recbole.__file__).parent / "properties"
    keys: dict[str, Any] = {"model": "SASRec", "dataset": "few"}
    for name in ("overall", "dataset/sample", "model/SASRec", "quick_start_config/sequential"):
        keys |= yaml.safe_load((folder / f"{name}.yaml").read_text())
    keys |= {name: getattr(FNSettings(), name.removeprefix("fn_")) for name in CONSTRAINTS}
    return {name: keys[name] for name in sorted(keys) if name not in _LEFT_ALONE}


class Draw:
    """A configuration with mistakes.

    Attributes:
        kind: What its first mistake is in: `key`, `file`, `data` or `argument`.
        arguments: Keys and values of the command line.
        more: Arguments that are none.
        yaml: Content of its own property file: bytes, `folder`, or None for no file.
        data: Content of its data file, likewise.
    """

    def __init__(self, seed: int, keys: dict[str, Any], mistakes: int | None = None) -> None:
        self.chance, self.keys = random.Random(seed), keys
        self.arguments = {name: str(value) for name, value in GOOD.items()}
        self.more: list[str] = []
        self.data: Content = (_HEAD + _ROWS).encode()
        self.yaml: Content = None
        if mistakes is None:
            mistakes = self.chance.choice((1, 1, 2, 3))
        kinds = self.chance.choices(("key", "file", "data", "argument"), (4, 2, 2, 1), k=mistakes)
        self.kind = kinds[0] if kinds else ""
        for kind in kinds:
            getattr(self, f"_spoil_{kind}")()

    def command_line(self) -> list[str]:
        """The arguments of the run."""
        return [f"--{name}={value}" for name, value in self.arguments.items()] + self.more

    def written(self, folder: Path) -> dict[Path, bytes]:
        """The files of the run and what is in them."""
        places = {folder / "own.yaml": self.yaml, folder / "data" / "few" / "few.inter": self.data}
        return {path: content for path, content in places.items() if isinstance(content, bytes)}

    def write(self, folder: Path) -> None:
        """Writes the files of the run."""
        (folder / "data" / "few").mkdir(parents=True)
        for path, content in self.written(folder).items():
            path.write_bytes(content)
        if self.yaml == "folder":
            (folder / "own.yaml").mkdir()
        if self.data == "folder":
            (folder / "data" / "few" / "few.inter").mkdir()

    def _spoil_key(self) -> None:
        """A value of a wrong type, out of range, or of a key that does not exist."""
        name = self.chance.choice(list(self.keys) if self.chance.random() < 0.9 else _UNKNOWN)
        alike = _ALIKE[type(self.keys.get(name))]
        self.arguments[name] = self.chance.choice(alike if self.chance.random() < 0.7 else _VALUES)

    def _spoil_file(self) -> None:
        """A property file that is broken, missing, a folder, or has odd values."""
        self.arguments["config_files"] = "fn.yaml own.yaml"
        names = self.chance.sample(list(self.keys), self.chance.choice((1, 1, 2)))
        lines = [f"{name}: {self.chance.choice(_YAML_VALUES)}\n" for name in names]
        broken = self.chance.choice((*_BROKEN_FILES, None, "folder"))
        self.yaml = "".join(lines).encode() if self.chance.random() < 0.7 else broken

    def _spoil_data(self) -> None:
        """A data file that is broken, missing, or a folder."""
        chosen = self.chance.choice((*_DATA, *_BYTES, None, "folder"))
        if isinstance(chosen, str) and chosen != "folder":
            chosen = chosen.encode()
        self.data = chosen

    def _spoil_argument(self) -> None:
        """An argument that is no key with a value."""
        self.more.append(self.chance.choice(_ARGUMENTS))

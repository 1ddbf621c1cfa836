"""Draws configurations of a small run with mistakes in them: keys, property files, data, arguments."""

import random
from collections.abc import Callable
from pathlib import Path

import recbole
import yaml

from recbole_fn.settings import DOMAINS

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
_YAML_VALUES = (
    *("1", "-1", "abc", "null", "[1, 2]", "{a: b}", "1e-3", ".nan", "-.inf", "yes", "2020-01-01"),
    *("'0.1'", '"1+1"', "!!python/name:os.system", "!!python/object/apply:os.getcwd []", "!!set {a}"),
    *("&a [*a]", "!!binary aGFsbG8=", "!!python/tuple [1, 2]", "|\n  two\n  lines", "0x10", "1_0"),
)
_BROKEN_FILES = (
    *(b"fn_neg_num: [1", b"just words", b"- a\n- b", b"", b"\xff\xfe\x00fn", b"a: b: c", b"\0"),
    *(b"fn_neg_num: 3\n\tepochs: 1", b"1: 2", b"? [a]\n: 1", b"a: *b", b"%YAML 9.9\n---\na: 1"),
    *(b"a: 1\n---\nb: 2", b"{" * 300, b"a: !!python/object/new:os.system [x]", b"epochs: \x80"),
)
_ARGUMENTS = (
    *("--epochs", "epochs=1", "--nproc=two", "--nproc=2", "--x=a=b", "--seeds=2", "-q", "--=1"),
    *("--world_size=x", "--group_offset=1.5", "models", "--epochs=2", "--arms=flip", "--nproc=0"),
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


def known_keys() -> list[str]:
    """The keys of RecBole that concern a sequential model, and ours."""
    folder = Path(recbole.__file__).parent / "properties"
    keys: set[str] = {*DOMAINS, "clip_grad_norm", "benchmark_filename", "model", "dataset"}
    for name in ("overall", "dataset/sample", "model/SASRec", "quick_start_config/sequential"):
        keys |= set(yaml.safe_load((folder / f"{name}.yaml").read_text()))
    return sorted(keys - _LEFT_ALONE)


class Draw:
    """A configuration: its kind, the files it needs and the arguments of its run."""

    def __init__(self, seed: int, keys: list[str]) -> None:
        self.chance, self.keys = random.Random(seed), keys
        self.arguments = {name: str(value) for name, value in GOOD.items()}
        self.more: list[str] = []
        kinds: list[Callable[[], None]] = [self.key, self.key, self.file, self.data, self.argument]
        self.kind = ""
        self.data_file: object = _HEAD + _ROWS
        self.yaml_file: object = None
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            kind = self.chance.choice(kinds)
            self.kind = self.kind or kind.__name__
            kind()

    def key(self) -> None:
        """A value of a wrong type, out of range, or of a key that does not exist."""
        name = self.chance.choice(self.keys if self.chance.random() < 0.9 else _UNKNOWN)
        self.arguments[name] = self.chance.choice(_VALUES)

    def file(self) -> None:
        """A property file that is broken, missing, a folder, or has odd values."""
        self.arguments["config_files"] = "fn.yaml own.yaml"
        lines = [
            f"{self.chance.choice(self.keys)}: {self.chance.choice(_YAML_VALUES)}\n"
            for _ in range(self.chance.choice((1, 1, 2)))
        ]
        broken = (*_BROKEN_FILES, None, "folder")
        odd = self.chance.random() < 0.7
        self.yaml_file = "".join(lines).encode() if odd else self.chance.choice(broken)

    def data(self) -> None:
        """A data file that is broken, missing, or a folder."""
        self.data_file = self.chance.choice((*_DATA, *_BYTES, None, "folder"))

    def argument(self) -> None:
        """An argument that is no key with a value."""
        self.more.append(self.chance.choice(_ARGUMENTS))

    def command_line(self) -> list[str]:
        """The arguments of the run."""
        return [f"--{name}={value}" for name, value in self.arguments.items()] + self.more

    def write(self, folder: Path) -> None:
        """Writes the files of the run."""
        _write(folder / "own.yaml", self.yaml_file)
        _write(folder / "data" / "few" / "few.inter", self.data_file)


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if content == "folder":
        path.mkdir()
    elif isinstance(content, str):
        path.write_bytes(content.encode())
    elif isinstance(content, bytes):
        path.write_bytes(content)

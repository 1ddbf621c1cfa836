"""What each sequential model of RecBole asks for, and a small made-up data set that has it all.

`python -m recbole_fn models` tries every model on it; the tests train them.
"""

import random
from pathlib import Path
from typing import Any, NamedTuple

NUM_USERS, NUM_ITEMS, EMBEDDING = 60, 50, 16
NAME = "zoo"


class Needs(NamedTuple):
    """What a model asks for beside the interactions.

    Attributes:
        words: The same for people; empty where it asks for nothing.
        keys: The keys that say so to RecBole, for the made-up data set.

    Examples:
        >>> MODELS["SASRec"]
        Needs(words='', keys={})
        >>> MODELS["GRU4RecCPR"].words
        'more items than `reranker_CAN_NUM`'
    """

    words: str = ""
    keys: dict[str, Any] = {}  # noqa: RUF012 (a default of a tuple, never changed)


_INTER = ["user_id", "item_id", "timestamp"]
_FEATURES = {"load_col": {"inter": _INTER, "item": ["item_id", "class"]}}
_ENTITIES: dict[str, Any] = {
    "load_col": {
        "inter": _INTER,
        "kg": ["head_id", "relation_id", "tail_id"],
        "link": ["item_id", "entity_id"],
        "ent": ["ent_id", "ent_emb"],
    },
    "additional_feat_suffix": ["ent"],
    "alias_of_entity_id": ["ent_id"],
    "preload_weight": {"ent_id": "ent_emb"},
}
_RELATIONS: dict[str, Any] = {
    "load_col": {**_ENTITIES["load_col"], "rel": ["rel_id", "rel_emb"]},
    "additional_feat_suffix": ["ent", "rel"],
    "alias_of_entity_id": ["ent_id"],
    "alias_of_relation_id": ["rel_id"],
    "preload_weight": {"ent_id": "ent_emb", "rel_id": "rel_emb"},
    "kg_embedding_size": EMBEDDING,
}
_ITEM_FEATURES = Needs("item features (`selected_features`)", _FEATURES)
_FEW_CANDIDATES = Needs("more items than `reranker_CAN_NUM`", {"reranker_CAN_NUM": 10})

MODELS: dict[str, Needs] = {
    "BERT4Rec": Needs(),
    "Caser": Needs(),
    "CORE": Needs(),
    "DIEN": Needs("", {"mlp_hidden_size": [16]}),
    "DIN": Needs("", {"mlp_hidden_size": [16]}),
    "FDSA": _ITEM_FEATURES,
    "FEARec": Needs(),
    "FOSSIL": Needs(),
    "FPMC": Needs(),
    "GCSAN": Needs(),
    "GRU4Rec": Needs(),
    "GRU4RecCPR": _FEW_CANDIDATES,
    "GRU4RecF": _ITEM_FEATURES,
    "GRU4RecKG": Needs("entity embeddings (`.ent`, `preload_weight`)", _ENTITIES),
    "HGN": Needs(),
    "HRM": Needs(),
    "KSR": Needs("entity and relation embeddings (`.ent`, `.rel`)", _RELATIONS),
    "LightSANs": Needs(),
    "NARM": Needs(),
    "NextItNet": Needs(),
    "NPE": Needs(),
    "RepeatNet": Needs(),
    "S3Rec": Needs("item features (`item_attribute`); pretraining first", _FEATURES),
    "SASRec": Needs(),
    "SASRecCPR": _FEW_CANDIDATES,
    "SASRecF": _ITEM_FEATURES,
    "SHAN": Needs(),
    "SINE": Needs("", {"prototype_size": 8}),
    "SRGNN": Needs(),
    "STAMP": Needs(),
    "TransRec": Needs(),
}
SMALL: dict[str, Any] = {
    "load_col": None,
    "MAX_ITEM_LIST_LENGTH": 16,
    "hidden_size": EMBEDDING,
    "inner_size": 2 * EMBEDDING,
    "embedding_size": EMBEDDING,
    "train_batch_size": 128,
    "learning_rate": 0.01,
    "epochs": 1,
    "show_progress": False,
    "state": "ERROR",
}


def write_data(folder: Path) -> None:
    """Writes the data set: users walk around a circle of items, which have features and a graph.

    Args:
        folder: An existing folder; the data set becomes a folder in it.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_data(Path(folder))
        ...     sorted(path.suffix for path in (Path(folder) / NAME).iterdir())
        ['.ent', '.inter', '.item', '.kg', '.link', '.rel']
    """
    chance = random.Random(2208)
    items = range(NUM_ITEMS)
    tables = {
        "inter": ["user_id:token\titem_id:token\ttimestamp:float", *_interactions(chance)],
        "item": ["item_id:token\tclass:token_seq", *(f"i{i}\tc{i % 5} d{i % 3}" for i in items)],
        "link": ["item_id:token\tentity_id:token", *(f"i{i}\te{i}" for i in items)],
        "kg": [
            "head_id:token\trelation_id:token\ttail_id:token",
            *(f"e{i}\tr{i % 2}\te{(i + 1) % NUM_ITEMS}" for i in items),
        ],
        "ent": ["ent_id:token\tent_emb:float_seq", *(f"e{i}\t{_vector(chance)}" for i in items)],
        "rel": ["rel_id:token\trel_emb:float_seq", *(f"r{i}\t{_vector(chance)}" for i in (0, 1))],
    }
    (folder / NAME).mkdir()
    for suffix, lines in tables.items():
        (folder / NAME / f"{NAME}.{suffix}").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _interactions(chance: random.Random) -> list[str]:
    lines = []
    for user in range(NUM_USERS):
        item = chance.randrange(NUM_ITEMS)
        for time in range(chance.randint(6, 16)):
            lines.append(f"u{user}\ti{item}\t{time}")
            item = (item + chance.choice((1, 1, 1, 2, 3))) % NUM_ITEMS
    return lines


def _vector(chance: random.Random) -> str:
    return " ".join(f"{chance.gauss(0, 1):.3f}" for _ in range(EMBEDDING))

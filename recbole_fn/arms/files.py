"""How a comparison writes its files: whole or not at all, and recognisably."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_whole(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def fingerprint(keys: Mapping[str, Any]) -> str:
    """A short hash of keys, for the name of an output folder."""
    return hashlib.sha256(as_json(dict(sorted(keys.items()))).encode()).hexdigest()[:10]


def as_json(value: Any) -> str:
    """A value as JSON; what JSON does not know is written as text."""
    return json.dumps(value, default=str, indent=1)

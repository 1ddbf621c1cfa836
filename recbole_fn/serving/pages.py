"""The pages of the service: trying it, and what its addresses take; they need no network."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def front_page(model: str, dataset: str, items: int, needs_token: bool) -> str:
    """The page where a person types items and sees recommendations.

    Args:
        model: The model's name.
        dataset: The data set's name.
        items: How many items it has.
        needs_token: Whether the page asks for the token.

    Example:
        >>> "<h1>What comes next?</h1>" in front_page("SASRec", "tiny", 50, needs_token=False)
        True
    """
    page = _TEMPLATES.get_template("front.html")
    return page.render(model=model, dataset=dataset, items=items, needs_token=needs_token)


def openapi_page(description: Mapping[str, Any]) -> str:
    """The page that describes each address of the service.

    Args:
        description: The service's OpenAPI description.

    Example:
        >>> page = openapi_page({"info": {"title": "T", "version": "1"}, "paths": {}})
        >>> "<h1>T 1</h1>" in page
        True
    """
    schemas = description.get("components", {}).get("schemas", {})
    return _TEMPLATES.get_template("openapi.html").render(
        info=description["info"],
        paths=description["paths"],
        schemas=schemas,
        as_json=lambda value: json.dumps(value, indent=2, ensure_ascii=False),
    )

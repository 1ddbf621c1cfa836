"""Draws JSON from a schema: values that it allows, and such with a part that it may not."""

from hypothesis import strategies as st

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def allowed(schema):
    """Values that a schema allows; of the words of JSON Schema it knows those of ours."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "integer":
        return st.integers(schema["minimum"], schema["maximum"])
    if schema["type"] == "string":
        known = st.sampled_from(["i1", "i7", "i30"])
        return known | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    if schema["type"] == "array":
        few = min(schema["maxItems"], 4)
        return st.lists(allowed(schema["items"]), min_size=schema.get("minItems", 0), max_size=few)
    parts = {name: allowed(part) for name, part in schema["properties"].items()}
    needed = {name: parts.pop(name) for name in schema["required"]}
    return st.fixed_dictionaries(needed, optional=parts)


@st.composite
def odd(draw, schema):
    """A value in which one part is anything at all."""
    if schema.get("type") == "object" and draw(st.booleans()):
        value = draw(allowed(schema))
        name = draw(st.sampled_from([*schema["properties"], "more"]))
        part = schema["properties"].get(name, {})
        value[name] = draw(odd(part))
        return value
    if schema.get("type") == "array" and draw(st.booleans()):
        return [*draw(allowed(schema)), draw(odd(schema["items"]))]
    if schema.get("type") == "array" and draw(st.booleans()):
        return draw(allowed(schema["items"]).map(lambda one: [one] * (schema["maxItems"] + 1)))
    return draw(ANYTHING)

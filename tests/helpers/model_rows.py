"""Made-up scores of a few rows, for hypothesis."""

from hypothesis import strategies as st

LOGIT = st.floats(-30, 30, width=32)


@st.composite
def scored_rows(draw):
    """Logits [M][1 + N], the teacher's logits [M][N] and flips [M][N]."""
    rows, slots = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    logits = draw(st.lists(listed(LOGIT, slots + 1), min_size=rows, max_size=rows))
    taught = draw(st.lists(listed(LOGIT, slots), min_size=rows, max_size=rows))
    flips = draw(st.lists(listed(st.booleans(), slots), min_size=rows, max_size=rows))
    return logits, taught, flips


def listed(element, size):
    return st.lists(element, min_size=size, max_size=size)

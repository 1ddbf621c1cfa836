"""Numbers as people read them."""

import numpy as np


def significant(value: float, digits: int = 3) -> str:
    """A number with some significant digits, never with an exponent.

    Args:
        value: The number.
        digits: Digits that count.

    Examples:
        >>> [significant(one) for one in (1286.4, 11.02, 0.00012345, -0.5)]
        ['1290', '11', '0.000123', '-0.5']
    """
    return np.format_float_positional(
        value, precision=digits, unique=False, fractional=False, trim="-"
    )

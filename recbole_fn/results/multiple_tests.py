"""The correction of p values where a comparison makes many tests."""

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction, which bounds the chance of any false positive.

    The k-th smallest of n p values is multiplied by n - k + 1; no corrected value is smaller than
    that of a smaller p value, or greater than 1 (Holm 1979, A simple sequentially rejective
    multiple test procedure).

    Args:
        p_values: The p values of all tests; None where there was no test.

    Returns:
        The corrected p values in the same order.

    Example:
        >>> holm([0.01, None, 0.04, 0.02])
        [0.03, None, 0.04, 0.04]
    """
    tests = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected, greatest = list(p_values), 0.0
    for smaller, (p, place) in enumerate(tests):
        greatest = max(greatest, min(1.0, (len(tests) - smaller) * p))
        corrected[place] = greatest
    return corrected

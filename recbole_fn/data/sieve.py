"""A bitmap of pairs that rules out most items which a user has not had."""

import torch
from torch import Tensor


def make_sieve(pairs: Tensor, min_bits: int) -> Tensor:
    """Makes a bitmap of pairs with a bit for each value of a pair's last bits.

    The pairs of a user lie side by side in it, so draws for one user read few cache lines.

    Args:
        pairs: The pairs, shape [pairs].
        min_bits: The least number of bits; it is rounded up to a power of 2.

    Returns:
        The bytes, shape [bytes], uint8; bit b of byte i is set if the last bits of a pair are
        8 * i + b.

    Example:
        >>> make_sieve(torch.tensor([0, 9, 16 + 1]), min_bits=16)  # bits 0, 9 and 1
        tensor([3, 2], dtype=torch.uint8)
    """
    num_bytes = 1 << max(min_bits - 1, 7).bit_length() - 3
    sieve = torch.zeros(num_bytes, dtype=torch.uint8, device=pairs.device)
    last_bits = pairs & (8 * num_bytes - 1)
    for bit in range(8):
        sieve[last_bits[last_bits & 7 == bit] >> 3] |= 1 << bit
    return sieve


def is_set(sieve: Tensor, bits: Tensor) -> Tensor:
    """Whether bits of a sieve are set.

    Args:
        sieve: The bytes, shape [bytes], uint8.
        bits: Indices of bits, shape [queries], int32.

    Returns:
        A mask, shape [queries], bool.

    Example:
        >>> sieve = make_sieve(torch.tensor([0, 9]), min_bits=16)
        >>> is_set(sieve, torch.tensor([0, 1, 9], dtype=torch.int32))
        tensor([ True, False,  True])
    """
    byte = sieve.index_select(0, bits >> 3)
    byte.bitwise_right_shift_(bits.to(torch.uint8).bitwise_and_(7)).bitwise_and_(1)
    return byte.view(torch.bool)

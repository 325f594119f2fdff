"""How machine code finds arrays: by their addresses, in one block of numbers.

Compilation takes ten times as long when the arrays themselves are handed on in a tuple.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray


def address_block(arrays: Any) -> NDArray[np.uint64]:
    """Return the block through which machine code finds the arrays: three words each, address and two sizes.

    Parameters
    ----------
    arrays : NamedTuple of ndarray
        Such as `ModelArrays`; must be C-contiguous float64 and int64, and must outlive every use of the block.

    Returns
    -------
    ndarray of uint64, shape (3 * number of arrays,)
    """
    words: list[int] = []
    for name, array in zip(arrays._fields, arrays, strict=True):
        if not array.flags.c_contiguous or array.dtype not in (np.float64, np.int64) or array.ndim not in (1, 2):
            raise ValueError(f"array '{name}' is not a C-contiguous vector or matrix of float64 or int64")
        words += [array.ctypes.data, array.shape[0], array.shape[1] if array.ndim == 2 else 1]
    return np.array(words, dtype=np.uint64)


@intrinsic
def _pointer(typing_context: Any, address: Any) -> Any:
    """Turn an address into a pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """Write the instruction."""
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), generate


@numba.njit
def reals_at(block: Any, i: int) -> Any:
    """Return the vector of reals of array i."""
    return numba.carray(_pointer(block[3 * i]), (np.int64(block[3 * i + 1]),), np.float64)


@numba.njit
def integers_at(block: Any, i: int) -> Any:
    """Return the vector of whole numbers of array i."""
    return numba.carray(_pointer(block[3 * i]), (np.int64(block[3 * i + 1]),), np.int64)


@numba.njit
def matrix_at(block: Any, i: int) -> Any:
    """Return the matrix of reals of array i."""
    return numba.carray(_pointer(block[3 * i]), (np.int64(block[3 * i + 1]), np.int64(block[3 * i + 2])), np.float64)


@numba.njit
def integer_matrix_at(block: Any, i: int) -> Any:
    """Return the matrix of whole numbers of array i."""
    return numba.carray(_pointer(block[3 * i]), (np.int64(block[3 * i + 1]), np.int64(block[3 * i + 2])), np.int64)

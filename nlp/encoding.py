"""What an encoder is to its callers: a function. Free of torch, which takes seconds to load."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
# Texts -> unit vectors, shape (n, d), in the order of the texts.
Encode = Callable[[Sequence[str]], FloatArray]

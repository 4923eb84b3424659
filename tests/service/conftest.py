from __future__ import annotations

from tests.stocked_home import backwards_home, stocked_home, stocked_pattern

__all__ = ["backwards_home", "stocked_home", "stocked_pattern"]

from __future__ import annotations

from tests.stocked_home import backwards_home, stocked_home

__all__ = ["backwards_home", "stocked_home"]

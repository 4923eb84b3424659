"""What was worked out and may be asked for again: bounded in number, made once at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Slot(Generic[Value]):
    """A place for one value. `made` is empty until it is there."""

    __slots__ = ("lock", "made")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made: tuple[Value, ...] = ()


class Kept(Generic[Key, Value]):
    """The values of the keys asked for last; the one asked for longest ago is forgotten first.

    Safe to use from several threads: two that ask for the same at once make it once, and nobody
    waits for the making of another key.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._slots: OrderedDict[Key, _Slot[Value]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._slots)

    def found(self, key: Key) -> Value | None:
        """The value of a key if it is there by now; nobody waits for one that is being made."""
        with self._lock:
            slot = self._slots.get(key)
            if slot is None or not slot.made:
                return None
            self._slots.move_to_end(key)
            return slot.made[0]

    def holds(self, key: Key) -> bool:
        """Whether the value of a key is there."""
        slot = self._slots.get(key)
        return slot is not None and bool(slot.made)

    def of(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key, made by `make` when it is not there; what that raises is raised."""
        with self._lock:
            slot = self._slots.get(key)
            if slot is None:
                slot = self._slots[key] = _Slot()
                while len(self._slots) > self._most:
                    self._slots.popitem(last=False)
            else:
                self._slots.move_to_end(key)
        with slot.lock:
            if not slot.made:
                slot.made = (make(),)
            return slot.made[0]

"""What is wrong with a labels file, in words that name file, line, key and the way out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong. `line` counts from 1, 0 is none; `key` is like `owners[2].kind`."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class LabelsError(ValueError):
    """The labels cannot be used; `problems` holds everything found, the message lists it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def refuse(file: str, message: str, *, line: int = 0, key: str = "") -> LabelsError:
    """A `LabelsError` with one problem, to be raised."""
    return LabelsError((Problem(file, line, key, message),))

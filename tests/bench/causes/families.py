"""Families of wordings: one cause each, in many sentences, put to real texts; and denials of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["dev", "held"]

# Denied, supposed, asked about: none of these states the cause.
DENIALS: dict[Side, tuple[str, ...]] = {
    "dev": (
        "{}. It is not because of <name>.",
        "{}. I do not think it is due to <name>.",
        "{}. If it is because of <name>, please tell me.",
        "{}. Is it because of <name>?",
        "{}. This has nothing to do with <name>.",
        "{}, not because of <name> but just so.",
        "{}. Maybe it is due to <name>, who knows.",
    ),
    "held": (
        "{}. It certainly was not caused by <name>.",
        "{}. I doubt that it is because of <name>.",
        "{}. Could it be due to <name>?",
        "{}. Should it be because of <name>, let me know.",
        "{}. I wonder whether it happens because of <name>.",
        "{}. It isn't <name> that caused it.",
        "{}, and no, it was not due to <name>.",
    ),
}


@dataclass(frozen=True, slots=True)
class Family:
    """One cause in customers' words; in each wording `{}` stands for the text it is put to."""

    key: str
    name: str
    wordings: tuple[str, ...]
    side: Side = "dev"

    @property
    def denials(self) -> tuple[str, ...]:
        """Sentences that do not state this cause, though they name it."""
        return tuple(one.replace("<name>", self.name) for one in DENIALS[self.side])


def worded(wording: str, text: str) -> tuple[str, str]:
    """A text with a wording put to it, and the longest part that the wording added."""
    base = " ".join(text.split())
    if wording.startswith("{}. "):
        end = "" if base.endswith((".", "!", "?")) else "."
        made = base + end + wording[len("{}.") :]
    elif wording.startswith("{}"):
        made = base.rstrip(" .!?,;:") + wording[len("{}") :]
    else:
        made = wording.replace("{}", base)
    added = max(wording.split("{}"), key=len).strip(" .,:")
    return made, added


def carries(statement: str, added: str) -> bool:
    """Whether a statement cut from a worded text holds the part that was added, or half of it."""
    words = added.split()
    half = max(3, (len(words) + 1) // 2)
    told = " ".join(statement.split())
    return " ".join(words[:half]) in told or " ".join(words[-half:]) in told

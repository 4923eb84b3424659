"""Families of wordings: one cause each, in many sentences, put to real texts; and denials of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.bench.corpora import CorpusError

Side = Literal["dev", "held", "file"]

# Denied, supposed, asked about: none of these states the cause.
DENIALS: dict[str, tuple[str, ...]] = {
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
    own_denials: tuple[str, ...] = ()

    @property
    def denials(self) -> tuple[str, ...]:
        """Sentences that do not state this cause, though they name it."""
        known = self.own_denials or DENIALS[self.side]
        return tuple(one.replace("<name>", self.name) for one in known)


def read_families(path: Path) -> tuple[Family, ...]:
    """Families that the product's makers have never seen, from a JSON file.

    `{"families": {"key": {"name": "...", "wordings": ["{} because ...", ...]}, ...},
    "denials": ["{}. It is not because of <name>.", ...]}`; without denials those held back.

    Raises:
        CorpusError: the file cannot be read so; the message names it.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        denials = tuple(map(str, told.get("denials") or DENIALS["held"]))
        found = tuple(
            Family(key, str(one["name"]), tuple(map(str, one["wordings"])), "file", denials)
            for key, one in sorted(told["families"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{path}: no families of wordings ({error!r}); see --help") from error
    wrong = [text for one in found for text in (*one.wordings, *denials) if text.count("{}") != 1]
    if wrong:
        raise CorpusError(f"{path}: must hold the text's place {{}} once: {wrong[0]!r}")
    return found


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

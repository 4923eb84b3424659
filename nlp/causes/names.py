"""What a piece of evidence names: words of clauses, events and segment values, and who is alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from nlp.function_words import FUNCTION_WORDS, words_of
from nlp.population import Population
from nlp.records import Cause, Statement

_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)*")
_QUOTED = re.compile(r'"(.*)"', re.DOTALL)
_VERSION = re.compile(r"v(?=\d)")
# How customers speak of an event of each kind without its name.
KIND_WORDS = {
    "release": words_of(
        """
        release released update updated updates updating upgrade upgraded upgrading version rollout
        """
    ),
    "incident": words_of("incident outage outages downtime"),
    "price_change": words_of("price prices pricing increase increased"),
    "campaign": words_of("campaign promotion promo voucher newsletter"),
    "policy": words_of("policy policies terms"),
}


@dataclass(frozen=True, slots=True)
class NamesConfig:
    """When words count as a name."""

    # Part of an event's or value's telling words that a clause must hold: half of "autumn sale".
    least_part: float = 0.5
    # What more than a tenth of all other messages hold ("app", "account") names nothing.
    max_common: float = 0.1
    # Messages in which commonness is counted, spread evenly over all.
    sampled: int = 2000
    # Under these many other messages no share of them says anything.
    least_sample: int = 20
    # Beside the quote's own words, those that this part of the group's statements hold.
    clause_share: float = 0.3


@dataclass(frozen=True, slots=True)
class Names:
    """Telling words only. `values`: one set for the event's name and each value of a segment."""

    spoken: frozenset[str] = frozenset()
    kind: str = ""
    values: tuple[frozenset[str], ...] = ()
    conditions: frozenset[tuple[str, str]] = field(default_factory=frozenset)


class Commonness:
    """How many messages hold a word, counted in an even sample."""

    def __init__(self, population: Population, config: NamesConfig) -> None:
        self._config = config
        step = max(1, -(-len(population) // config.sampled))
        self._rows = range(0, len(population), step)
        self._holders: dict[str, set[int]] = {}
        for row in self._rows:
            for word in words(population.feedback[row].text):
                self._holders.setdefault(word, set()).add(row)

    def outside(self, members: Collection[int]) -> Callable[[str], bool]:
        """Tells whether a word is common among the messages that are none of `members`."""
        inside = set(members)
        others = sum(row not in inside for row in self._rows)

        def common(word: str) -> bool:
            if others < self._config.least_sample:
                return False
            holders = self._holders.get(word, set())
            return len(holders - inside) > self._config.max_common * others

        return common


def words(text: str) -> frozenset[str]:
    """Words of a text as they are compared: lower case, "v4.2" as "4.2", no lone digit or letter.

    Function words and those of a single sign are left out.
    """
    found = (_VERSION.sub("", word) for word in _WORD.findall(text.casefold()))
    return frozenset(word for word in found if len(word) > 1 and word not in FUNCTION_WORDS)


def names_of(
    piece: Cause,
    *,
    common: Callable[[str], bool],
    statements: Mapping[str, Statement],
    config: NamesConfig,
) -> Names:
    """What a piece names.

    Args:
        common: tells words that are too common to name anything.
        statements: by id; where the evidence of a `said` piece is among them, words that many of
            its clauses share count beside those of its quote.
    """

    def telling(text: str) -> frozenset[str]:
        return frozenset(word for word in words(text) if not common(word))

    if piece.kind == "said":
        quoted = _QUOTED.search(piece.statement)
        quote = telling(quoted[1] if quoted else piece.statement)
        shared = _shared_words([statements[i] for i in piece.evidence_ids if i in statements])
        often = {word for word, part in shared.items() if part >= config.clause_share}
        return Names(spoken=quote | {word for word in often if not common(word)})
    kind, _, title = (piece.event or "").partition(":")
    values = [title, *(value for _, value in piece.conditions)]
    return Names(
        kind=kind.strip() if piece.event else "",
        values=tuple(found for found in map(telling, values) if found),
        conditions=frozenset(piece.conditions),
    )


def alike(one: Names, other: Names, *, config: NamesConfig) -> bool:
    """Whether one names what the other is about."""
    if one.conditions & other.conditions:
        return True
    for left, right in ((one, other), (other, one)):
        heard = left.spoken or frozenset().union(*left.values)
        if any(_covers(heard, value, config) for value in right.values):
            return True
        if left.spoken & KIND_WORDS.get(right.kind, frozenset()):
            return True
    return False


def _covers(heard: frozenset[str], value: frozenset[str], config: NamesConfig) -> bool:
    held = sum(any(_same(word, said) for said in heard) for word in value)
    return held > 0 and held >= config.least_part * len(value)


def _same(one: str, other: str) -> bool:
    """Equal, or a version and its own patch: "4.2" and "4.2.1"."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return short[0].isdigit() and long.startswith(f"{short}.")


def _shared_words(statements: Sequence[Statement]) -> dict[str, float]:
    counts = Counter(
        word
        for item in statements
        for word in frozenset().union(*(words(clause.text) for clause in item.clauses))
    )
    return {word: number / len(statements) for word, number in counts.items()}

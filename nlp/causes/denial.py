"""Whether a cause is stated at all, or denied, supposed or only asked about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.language import Token

_NEGATIONS = frozenset({"not", "n't", "n’t", "nt", "never", "nor", "neither", "without"})
_SOFTENERS = frozenset(
    {"just", "simply", "merely", "even", "really", "necessarily", "directly", "at", "all"}
)
_GUESSES = frozenset({"maybe", "perhaps", "possibly", "whether", "if"})
# "It cannot be because": a helper between the negation and the cause.
_STILL = frozenset({"be", "been", "being"})
_IS = frozenset({"is", "was", "'s", "’s", "are", "were", "'re", "’re", "am", "be", "been"})
_INSTEAD = (["rather", "than"], ["instead", "of"])
# What may stand between a guess or a negation and the cause: "maybe it is just because".
_BETWEEN = frozenset(
    """it this that is was 's ’s are were be been has have had happens happened happening somehow
    also only partly probably here there all the whole thing problem issue caused down a""".split()  # noqa: SIM905 - readable
)
_DOUBTS = frozenset({"doubt", "doubting", "wonder", "wondering", "doubtful", "unsure", "unlikely"})
_INVERTED = frozenset({"should", "had", "were"})
_BELIEFS = frozenset(
    {"think", "believe", "suspect", "suppose", "guess", "say", "saying", "mean", "imagine"}
)
# "I thought it was because of my router, but it was not."
_ONCE_BELIEVED = frozenset({"thought", "believed", "assumed", "suspected", "supposed"})
_TURNS = frozenset({"but", "however", "yet", "though"})
_MAYBES = frozenset({"might", "may", "could"})
_SUPPOSING = frozenset({"if", "whether", "unless", "case", "whatever"})
_ASKABLE = frozenset({"because", "due", "since", "caused", "after", "as", "cuz", "coz", "down"})
_ASKS = re.compile(
    r"^\W*(so |and |but )?(is|was|are|were|could|might|can|would|do|does|did|has|have)\b",
    re.IGNORECASE,
)
# "Is it maybe somehow because": a question whose point is the cause names it within five words.
_ASKED_WITHIN = 5


def is_stated(first: Token, sentence: Sequence[Token]) -> bool:
    """False for "not because", "I don't think it is due to", "if ... because", "is it because?".

    "Not only because" affirms, and a negated verb denies its own clause, not the cause of it ("it
    does not load because of the logo").

    Args:
        first: the connective's first token.
        sentence: the tokens of its sentence.
    """
    before = [token for token in sentence if token.i < first.i]
    words = [token.lower_ for token in before]
    near = [word for word in words if word not in _SOFTENERS]
    only = "only" in {first.lower_, *words[-1:]} or first.lower_ == "just"
    if near and not only and (near[-1] in _NEGATIONS or near[-1] in _GUESSES):
        return False
    if _is_no_more(near) or _inverts(before) or _is_guessed(near):
        return False
    may_be = any(word in _MAYBES for word in near[-3:]) and near[-1] in {"be", "have", "been"}
    if may_be or near[-3:] == ["nothing", "to", "do"]:
        return False
    if _is_asked(first, before, sentence):
        return False
    above = (first, *first.ancestors)
    if any(token.lower_ in _ONCE_BELIEVED and token.i < first.i for token in above):
        return not any(token.lower_ in _TURNS and token.i > first.i for token in sentence)
    return not any(_supposes(token, first) for token in above)


def _is_guessed(near: Sequence[str]) -> bool:
    """Whether a guess or doubt comes before, with only hollow words between: "Maybe it is"."""
    for word in reversed(near):
        if word in _DOUBTS or word in {"maybe", "perhaps", "possibly"}:
            return True
        if word not in _BETWEEN:
            return False
    return False


def _is_no_more(near: Sequence[str]) -> bool:
    """Whether "cannot be", "is no longer" or "rather than" comes before.

    "I use it no longer because" affirms.
    """
    if near[-2:] in _INSTEAD:
        return True
    if near[-2:] == ["no", "longer"]:
        return len(near) > 2 and near[-3] in _IS
    return len(near) > 1 and near[-1] in _STILL and near[-2] in _NEGATIONS


def _inverts(before: Sequence[Token]) -> bool:
    """Whether this supposes without "if": "should it be", "had it been"."""
    if len(before) < 2 or before[0].tag_ not in {"MD", "VBD"}:
        return False
    return before[0].lower_ in _INVERTED and before[1].dep_ in {"nsubj", "nsubjpass", "expl"}


def _is_asked(first: Token, before: Sequence[Token], sentence: Sequence[Token]) -> bool:
    if not 0 < len(before) <= _ASKED_WITHIN or first.lower_ not in _ASKABLE:
        return False
    asks = _ASKS.match("".join(token.text_with_ws for token in before)) is not None
    return asks and sentence[-1].text == "?"


def _supposes(token: Token, first: Token) -> bool:
    for child in token.children:
        if child.i < first.i and child.dep_ == "mark" and child.lower_ in _SUPPOSING:
            return True
        if child.dep_ == "neg" and token.lower_ in _BELIEFS and token.i < first.i:
            return True
    return False

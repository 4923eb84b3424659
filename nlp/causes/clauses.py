"""Cause clauses in customers' own words, read off the dependency parse.

A connective (see `nlp.causes.connectives`) is found in the text; the parse says what it governs
(`nlp.causes.readings`), how far that reaches, and whether it is denied, supposed or only asked
(`nlp.causes.denial`): those are left out. What is found is what customers *say*, never what is
proven.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.causes.connectives import ANY, CONNECTIVES, Relation
from nlp.causes.denial import is_stated
from nlp.causes.main_clause import begins_main
from nlp.causes.readings import Hit, has_content, holds, is_present
from nlp.language import Doc, Span, Token
from nlp.records import Clause

# A clause longer than this has swallowed the rest of the story.
_MAX_WORDS = 30

_STOPS = frozenset({".", "!", "?", "…", "..."})
_BREAKS = frozenset({";", "–", "—", "--", "(", ")", "|", "->"})
_NEW_CLAUSE = frozenset({"so", "but", "and", "which", "however", "then", "yet"})
_LOOK_BACK = frozenset({"before", "back", "doer"})
_ENDINGS = frozenset({"CC", "TO", "IN", "DT"})
_GOVERNED = frozenset({"pobj", "pcomp", "relcl", "advcl", "acl", "ccomp", "attr", "dobj"})
_LEAD = re.compile(
    r"[\s,:\-–—\"'“”‘’(\[]*"
    r"(?:(?:and |but |so )?(?:i|we) (?:think|believe|guess|suspect|suppose|assume|feel)\s+)?"
    r"(?:that\s+(?=\w+\s))?",
    re.IGNORECASE,
)
_TAIL = " ,:;-–—\"'“”‘’([.!?…"


def may_state_cause(text: str) -> bool:
    """Whether `text` holds any connective at all: where not, there is no need to parse it."""
    return ANY.search(text) is not None


def find_clauses(source: Doc | Span, *, text: str | None = None) -> tuple[Clause, ...]:
    """The causes stated in a parsed text, in order, not overlapping.

    Args:
        source: the parse. Offsets of the clauses index into its text.
        text: the text as the customer wrote it, where the parse saw another letter case.

    Raises:
        ValueError: when `text` differs from the parsed text in more than letter case.
    """
    whole = source.text if text is None else text
    if len(whole) != len(source.text) or whole.lower() != source.text.lower():
        raise ValueError(f"the parse is of another text: {source.text!r}, not {whole!r}")
    tokens = list(source)
    base = tokens[0].idx if tokens else 0
    found: list[Clause] = []
    for match in ANY.finditer(whole):
        first = next((t for t in tokens if t.idx - base >= match.start()), None)
        after = next((t for t in tokens if t.idx - base >= match.end()), None)
        if first is None:
            continue
        sentence = _sentence(first, tokens)
        if not is_stated(first, sentence):
            continue
        row = CONNECTIVES[int(str(match.lastgroup)[1:])]
        if after is None:
            if row.reading not in _LOOK_BACK:
                continue
            after = sentence[-1]
        # "As" that only looks like a preposition governs the whole clause behind it.
        misread = row.reading == "as" and first.dep_ == "prep"
        # The parser leaves what broke the thing outside the subtree of "it was the logo | ...".
        governor = None if misread or row.reading == "cleft" else _governor(first, after)
        read = _read(Hit(row, first, after, governor, sentence))
        if read is None:
            continue
        relation, inside = read
        start, end = _trim(whole, inside[0].idx - base, inside[-1].idx + len(inside[-1]) - base)
        if start >= end or any(start < other.end and other.start < end for other in found):
            continue
        connective = " ".join(match[0].split()).lower()
        found.append(Clause(whole[start:end], connective, relation, start, end))
    return tuple(sorted(found, key=lambda clause: clause.start))


def _read(hit: Hit) -> tuple[Relation, list[Token]] | None:
    """The relation and the tokens of the cause; None where there is none."""
    if not holds(hit):
        return None
    relation = hit.row.relation
    reading = hit.row.reading
    if reading in {"before", "doer", "so that"}:
        inside = _last_clause(hit.before(), hit.sentence, across_and=reading != "doer")
    elif reading == "back":
        inside = _clause_before_and(hit)
    else:
        inside = _following(hit)
        if reading == "since" and is_present(hit.governor):
            relation = "causal"
    return (relation, inside) if inside and has_content(inside) else None


def _sentence(token: Token, tokens: Sequence[Token]) -> list[Token]:
    """The tokens between full stops around `token`; the parser's own cuts are not trusted here."""
    at = next(place for place, other in enumerate(tokens) if other.i == token.i)
    low = high = at
    while low > 0 and tokens[low - 1].text not in _STOPS:
        low -= 1
    while high + 1 < len(tokens) and tokens[high].text not in _STOPS:
        high += 1
    return list(tokens[low : high + 1])


def _governor(first: Token, after: Token) -> Token | None:
    """The word whose subtree is the cause: the clause's verb, or the noun after a preposition."""
    for at in range(max(first.i, after.i - 1), first.i - 1, -1):
        token = first.doc[at]
        for child in token.children:
            if child.i >= after.i and child.dep_ in _GOVERNED:
                return child
        if token.dep_ in {"mark", "advmod", "prep"} and token.head.i >= after.i:
            return token.head
    return None


def _following(hit: Hit) -> list[Token]:
    """The tokens from behind the connective to where the clause ends or the main clause begins."""
    open_ended = hit.row.reading in {"rest", "expected"}
    limit = hit.sentence[-1].i
    if hit.governor is not None and not open_ended:
        limit = min(limit, max(hit.governor.right_edge.i, hit.after.i))
    inside: list[Token] = []
    words = 0
    for token in hit.sentence:
        if token.i < hit.after.i:
            continue
        if token.i > limit or words >= _MAX_WORDS or token.text in _STOPS:
            break
        if inside and token.text in _BREAKS and not open_ended:
            break
        if inside and token.text == "," and not open_ended and _comma_ends(token, hit):
            break
        if hit.opens and len(inside) > 1 and begins_main(token, hit):
            break
        inside.append(token)
        words += not token.is_punct
    if _is_next_subject(inside, hit):
        return inside[:-1]
    endings = _ENDINGS | {"RB"} if hit.row.reading == "cleft" else _ENDINGS
    while inside and inside[-1].tag_ in endings:
        inside.pop()
    return inside


def _is_next_subject(inside: Sequence[Token], hit: Hit) -> bool:
    """Whether the last token is the main clause's "it": "every time I log in | it freezes"."""
    if not hit.opens or len(inside) < 3:
        return False
    last = inside[-1]
    if last.lower_ not in {"it", "i", "they"}:
        return False
    return last.i < hit.sentence[-1].i and last.nbor(1).tag_ in {"VBZ", "VBD", "VBP", "MD"}


def _comma_ends(comma: Token, hit: Hit) -> bool:
    following = comma.doc[comma.i + 1].lower_ if comma.i + 1 < len(comma.doc) else ""
    within = hit.governor is not None and comma.i < hit.governor.right_edge.i
    return hit.opens or following in _NEW_CLAUSE or not within


def _last_clause(
    before: Sequence[Token], sentence: Sequence[Token], *, across_and: bool
) -> list[Token]:
    """The tokens before the connective, back to the last break (and to "and", if so asked)."""
    inside: list[Token] = []
    for token in reversed(before):
        if not inside and token.lower_ in _NEW_CLAUSE:
            continue
        gap = inside and any(
            other.text in _BREAKS | {","} for other in sentence if token.i < other.i < inside[0].i
        )
        if gap or len(inside) >= _MAX_WORDS or (not across_and and token.lower_ in _NEW_CLAUSE):
            break
        inside.insert(0, token)
    return inside


def _clause_before_and(hit: Hit) -> list[Token]:
    """The tokens left of the bar in "I reconnected it on Monday | and it has been dead since"."""
    for token in reversed(hit.before()):
        previous = token.nbor(-1).text if token.i > hit.sentence[0].i else ""
        if token.lower_ in {"and", "but"} or previous in {",", ";", "–", "-"}:
            return _last_clause(
                [other for other in hit.before() if other.i < token.i],
                hit.sentence,
                across_and=True,
            )
    return []


def _trim(whole: str, start: int, end: int) -> tuple[int, int]:
    lead = _LEAD.match(whole, start, end)
    left = lead.end() if lead else start
    text = whole[left:end].rstrip(_TAIL)
    if text.endswith(")") and "(" not in text:
        text = text.rstrip(_TAIL + ")")
    return left, left + len(text)

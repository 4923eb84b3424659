"""Cause clauses in customers' own words, read off the dependency parse.

A connective (see `nlp.causes.connectives`) is found in the text; the parse says what it governs, how
far that reaches, and whether it is denied ("not because of"), supposed ("if it fails because") or
asked ("is it because ...?"): those are not stated causes and are left out. What is found is what
customers *say*, never what is proven.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp.causes.connectives import ANY, CONNECTIVES, TIMES, Connective, Relation
from nlp.language import Doc, Span, Token
from nlp.records import Clause

# A clause longer than this has swallowed the rest of the story.
_MAX_WORDS = 30

_STRONG = frozenset({".", "!", "?", ";", "…", "...", "–", "—", "--", "(", ")", "|"})
_NEGATIONS = frozenset({"not", "n't", "n’t", "nt", "never", "nor", "neither", "without"})
_SOFTENERS = frozenset(
    {"just", "simply", "merely", "even", "really", "necessarily", "directly", "at", "all"}
)
_GUESSES = frozenset({"maybe", "perhaps", "possibly", "whether", "if"})
_BELIEFS = frozenset(
    {"think", "believe", "suspect", "suppose", "guess", "say", "saying", "mean", "imagine"}
)
_MAYBES = frozenset({"might", "may", "could"})
_SUPPOSING = frozenset({"if", "whether", "unless", "case", "whatever"})
_ASKS = re.compile(
    r"^\W*(so |and |but )?(is|was|are|were|could|might|can|would|do|does|did|has|have)\b", re.I
)
_BREAKS = frozenset({"so", "but", "and", "which", "however", "then", "yet"})
_SUPERLATIVES = frozenset(
    {"same", "only", "first", "second", "third", "last", "next", "least", "most"}
)
_GOOD_TIMES = re.compile(
    r"\b(fine|worked|working|works|ok|okay|good|perfect(ly)?|great|never|no (problems?|issues?|trouble)"
    r"|happy|smooth(ly)?|well|reliabl[ey])\b",
    re.I,
)
_FAILS = re.compile(
    r"\b(but|yet|however|instead|except|only to|though|still|and (now|then)|now)\b|;", re.I
)
_SAYING = re.compile(
    r"^\s*(i|we|you|he|she|they)?\s*(can\s+|have\s+|had\s+|already\s+)*"
    r"(say|said|see|saw|mention(ed)?|stated?|describ|explain|know|understand|wrote|write|told|do|did"
    r"|usual|always|well|far|long|much|many|soon|if|though|a |an |the |per|for|to|of|expected|such"
    r"|advertised|promised|normal|above|below|before|follows|is|being)\b",
    re.I,
)
_GRATITUDE = re.compile(r"^\W*(many |special |big |huge |very )*thanks to", re.I)


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
    if whole.lower() != source.text.lower() or len(whole) != len(source.text):
        raise ValueError(f"the parse is of another text: {source.text!r}, not {whole!r}")
    tokens = list(source)
    base = tokens[0].idx if tokens else 0
    found: list[Clause] = []
    for match in ANY.finditer(whole):
        row = CONNECTIVES[int(str(match.lastgroup)[1:])]
        first = next((t for t in tokens if t.idx - base >= match.start()), None)
        after = next((t for t in tokens if t.idx - base >= match.end()), None)
        if first is None or not _is_stated(first, tokens, whole):
            continue
        read = _read(row, first, after, tokens, whole)
        if read is None:
            continue
        relation, left, right = read
        start, end = _trim(whole, left.idx - base, right.idx + len(right) - base)
        if start >= end or (found and start < found[-1].end):
            continue
        connective = " ".join(match[0].split()).lower()
        found.append(Clause(whole[start:end], connective, relation, start, end))
    return tuple(found)


def _read(
    row: Connective, first: Token, after: Token | None, tokens: list[Token], whole: str
) -> tuple[Relation, Token, Token] | None:
    """Relation and first and last token of the cause, or None where there is none."""
    sentence = _sentence(first, tokens)
    if row.reading == "before":
        before = [token for token in sentence if token.i < first.i and not token.is_punct]
        return (row.relation, before[0], before[-1]) if _has_content(before) else None
    if after is None or after.i > sentence[-1].i:
        return None
    governor = _governor(first, after)
    relation = row.relation
    match row.reading:
        case "since":
            present = governor is not None and governor.tag_ in {"VBZ", "VBP", "MD"}
            relation = "causal" if present and not _is_perfect(governor) else "temporal"
        case "dated" if first.lower_ == "after" and _is_particle(first):
            return None
        case "dated" if first.lower_ == "following" and first.dep_ not in {"prep", "mark"}:
            return None
        case "trigger" if first.lower_ == "once" and not _is_clause(first):
            return None
        case "when" if not _is_clause(first) or _opens_question(first, after, sentence):
            return None
        case "until" if not _is_clause(first) or not _GOOD_TIMES.search(_before(first, sentence)):
            return None
        case "as" if not _is_reason(first, after, whole, tokens):
            return None
        case "so that":
            return _so_that(first, after, governor, sentence)
        case "cleft" if not _is_culprit(after, sentence):
            return None
        case "expected" if not _FAILS.search(_text(after, sentence)):
            return None
        case "clause" if first.lower_ == "thanks" and _GRATITUDE.match(
            _text(sentence[0], sentence)
        ):
            if "," not in _text(first, sentence):
                return None
        case "clause" if first.lower_ == "due" and after.tag_ == "VB":
            return None
        case "clause" if first.lower_ == "down" and not _follows_being(first, sentence):
            return None
        case _:
            pass
    last = _last(row, first, after, governor, sentence)
    inside = [token for token in sentence if after.i <= token.i <= last.i]
    return (relation, after, last) if _has_content(inside) else None


def _so_that(
    first: Token, after: Token, governor: Token | None, sentence: list[Token]
) -> tuple[Relation, Token, Token] | None:
    """A purpose ("so that I can ...") is the reason itself; of a result, the cause stands before."""
    helpers = [] if governor is None else [child.tag_ for child in governor.children]
    if "MD" in helpers:
        inside = [token for token in sentence if token.i >= after.i]
        last = _last(CONNECTIVES[1], first, after, governor, sentence)
        inside = [token for token in inside if token.i <= last.i]
        return ("causal", after, last) if _has_content(inside) else None
    before = [token for token in sentence if token.i < first.i and not token.is_punct]
    return ("causal", before[0], before[-1]) if _has_content(before) else None


def _sentence(token: Token, tokens: list[Token]) -> list[Token]:
    """The tokens between full stops around `token`; the parser's own cuts are not trusted here."""
    at = next(place for place, other in enumerate(tokens) if other.i == token.i)
    low = at
    while low > 0 and tokens[low - 1].text not in {".", "!", "?", ";", "…"}:
        low -= 1
    high = at
    while high + 1 < len(tokens) and tokens[high + 1].text not in {".", "!", "?", "…"}:
        high += 1
    return tokens[low : high + 1]


def _text(start: Token, sentence: list[Token]) -> str:
    return "".join(token.text_with_ws for token in sentence if token.i >= start.i)


def _before(end: Token, sentence: list[Token]) -> str:
    return "".join(token.text_with_ws for token in sentence if token.i < end.i)


def _governor(first: Token, after: Token) -> Token | None:
    """The word whose subtree is the cause: the clause's verb, or the noun after a preposition."""
    for token in _run(first, after):
        for child in token.children:
            if child.i >= after.i and child.dep_ in {
                "pobj",
                "pcomp",
                "relcl",
                "advcl",
                "acl",
                "ccomp",
            }:
                return child
        if token.dep_ in {"mark", "advmod", "prep"} and token.head.i >= after.i:
            return token.head
    return None


def _run(first: Token, after: Token) -> Iterator[Token]:
    doc = first.doc
    yield from (doc[at] for at in range(after.i - 1, first.i - 1, -1))


def _last(
    row: Connective, first: Token, after: Token, governor: Token | None, sentence: list[Token]
) -> Token:
    """The cause's last token: the governor's right edge, cut where the main clause begins."""
    limit = sentence[-1].i
    if governor is not None and row.reading not in {"rest", "expected"}:
        limit = min(limit, max(governor.right_edge.i, after.i))
    opens = first.i - sentence[0].i <= 1
    last = after
    words = 0
    for token in sentence:
        if token.i < after.i:
            continue
        if token.i > limit or words >= _MAX_WORDS or (token.text in _STRONG and token.i > after.i):
            break
        if token.text == "," and row.reading not in {"rest", "expected"} and token.i > after.i:
            following = token.doc[token.i + 1].lower_ if token.i + 1 < len(token.doc) else ""
            if opens or following in _BREAKS or not _within(token, governor):
                break
        if opens and token.i > after.i + 1 and _begins_main(token, governor):
            break
        last = token
        words += not token.is_punct
    return last


def _within(comma: Token, governor: Token | None) -> bool:
    return governor is not None and comma.i < governor.right_edge.i


def _begins_main(token: Token, governor: Token | None) -> bool:
    """Whether the main clause's subject starts here: "since the update | it logs me out"."""
    if token.tag_ not in {"PRP", "EX"} or token.dep_ not in {"nsubj", "nsubjpass", "expl"}:
        return False
    return token.head.dep_ == "ROOT" and (governor is None or token.head.i != governor.i)


def _is_clause(token: Token) -> bool:
    return (
        token.dep_ in {"advmod", "mark"}
        and token.head.dep_ in {"advcl", "relcl"}
        and (token.head.i > token.i)
    )


def _is_perfect(governor: Token | None) -> bool:
    return governor is not None and any(
        child.dep_ == "aux" and child.lower_ in {"have", "has", "had", "'ve", "’ve", "'s"}
        for child in governor.children
    )


def _is_particle(first: Token) -> bool:
    if first.dep_ == "prt" or first.i == 0:
        return first.dep_ == "prt"
    before = first.doc[first.i - 1].lower_
    return before.startswith(("look", "named", "take", "takes", "taking")) or (
        first.i + 1 < len(first.doc) and first.doc[first.i + 1].lower_ == before
    )


def _opens_question(first: Token, after: Token, sentence: list[Token]) -> bool:
    return first.i == sentence[0].i and (
        after.tag_ == "MD" or after.dep_ in {"aux", "auxpass", "ROOT"}
    )


def _is_reason(first: Token, after: Token, whole: str, tokens: list[Token]) -> bool:
    if first.dep_ != "mark" or first.head.dep_ != "advcl" or first.head.i < first.i:
        return False
    if not any(child.dep_ in {"nsubj", "nsubjpass", "expl"} for child in first.head.children):
        return False
    follows = whole[after.idx - tokens[0].idx :]
    placed = first.i == tokens[0].i or first.doc[first.i - 1].text in {",", "-", "–", "("}
    return placed and _SAYING.match(follows) is None


def _is_culprit(after: Token, sentence: list[Token]) -> bool:
    noun = after.head if after.dep_ in {"det", "poss"} else after
    if not noun.tag_.startswith("NN") or noun.i <= after.i:
        return False
    inside = [token for token in sentence if after.i <= token.i <= noun.i]
    if any(token.tag_ == "JJS" or token.lower_ in _SUPERLATIVES for token in inside):
        return False
    cleft = any(child.dep_ == "relcl" for child in noun.children)
    rest = [token for token in sentence if token.i > noun.i and not token.is_punct]
    return cleft or not rest


def _follows_being(first: Token, sentence: list[Token]) -> bool:
    before = [token.lower_ for token in sentence if token.i < first.i][-3:]
    return any(
        word in {"is", "was", "'s", "’s", "are", "were", "be", "all", "comes", "came"}
        for word in before
    )


def _is_stated(first: Token, tokens: list[Token], whole: str) -> bool:
    """False where the cause is denied, supposed or only asked about."""
    sentence = _sentence(first, tokens)
    before = [token for token in sentence if token.i < first.i]
    near = [token.lower_ for token in before if token.lower_ not in _SOFTENERS]
    if near and (near[-1] in _NEGATIONS or near[-1] in _GUESSES):
        return False
    if near[-3:] in (["nothing", "to", "do"],):
        return False
    if any(word in _MAYBES for word in near[-3:]) and near[-1] in {"be", "have", "been"}:
        return False
    if _is_asked(first, before, tokens):
        return False
    return not any(_supposes(token, first) for token in (first, *first.ancestors))


def _is_asked(first: Token, before: list[Token], tokens: list[Token]) -> bool:
    """A yes-or-no question whose point is the cause: "Is it because ...?", "Could this be due to"."""
    if not before or len(before) > 5 or not _ASKS.match("".join(t.text_with_ws for t in before)):
        return False
    return first.lower_ in {
        "because",
        "due",
        "since",
        "caused",
        "after",
        "as",
        "cuz",
        "coz",
        "down",
    } and any(token.text == "?" for token in tokens if token.i > first.i)


def _supposes(token: Token, first: Token) -> bool:
    for child in token.children:
        if child.i < first.i and child.dep_ == "mark" and child.lower_ in _SUPPOSING:
            return True
        if child.dep_ == "neg" and token.lower_ in _BELIEFS and token.i < first.i:
            return True
    return False


def _has_content(inside: list[Token]) -> bool:
    """Whether anything but pronouns, helpers and times of day is said."""
    return any(
        token.lower_ not in TIMES
        and (
            token.tag_.startswith(("NN", "JJ", "FW", "ADD"))
            or (
                token.tag_.startswith("VB")
                and token.dep_ not in {"aux", "auxpass"}
                and token.lower_ not in _HOLLOW
            )
            or (token.tag_ == "CD" and "." in token.text)
        )
        for token in inside
    )


_HOLLOW = frozenset(
    "be is was were are am 's ’s been being do does did done have has had having go going gone get got".split()
)


def _trim(whole: str, start: int, end: int) -> tuple[int, int]:
    text = whole[start:end]
    lead = re.match(r"[\s,:\-–—\"'“”‘’(\[]*(?:that\s+(?=\w+\s))?", text)
    left = lead.end() if lead else 0
    right = len(text.rstrip(" ,:;-–—\"'“”‘’().!?…"))
    return start + left, start + max(left, right)

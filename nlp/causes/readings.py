"""Whether a connective, as parsed, says what its reading in the table claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nlp.causes.connectives import TIMES, Connective, Reading
from nlp.language import Token

_SUPERLATIVES = frozenset(
    {"same", "only", "first", "second", "third", "last", "next", "least", "most"}
)
_HELPERS = frozenset({"have", "has", "had", "'ve", "’ve", "'s", "’s"})
_HOLLOW = frozenset(
    {"be", "is", "was", "were", "are", "am", "'s", "’s", "been", "being", "do", "does", "did"}
    | {"done", "have", "has", "had", "having", "go", "goes", "going", "gone", "went", "get", "gets"}
    | {"got", "getting", "need", "needs", "needed", "want", "wants", "wanted", "try", "tries"}
    | {"tried", "trying", "think", "thought", "know", "knew", "say", "says", "said", "see", "saw"}
    | {"happen", "happens", "happened", "like", "please", "ask", "asked", "make", "makes", "made"}
    | {"thing", "things", "something", "anything", "everything", "nothing", "one", "ones", "way"}
    | {"reason", "reasons", "lot", "lots", "bit", "stuff", "issue", "problem", "same", "able"}
    | {"other", "such", "sure", "possible", "necessary", "needed", "required", "applicable"}
    | {"available"}
)
# Adverbs that say nothing as a reason: "because it is so".
_BARE = frozenset(
    """here there now then so too also just still always never only even very again yet ever already
    maybe perhaps probably really actually usually well not n't n’t""".split()  # noqa: SIM905 - readable
)
# "It is my understanding that ...": a view, no cause.
_VIEWS = frozenset(
    """understanding belief contention idea opinion hope view intention impression experience
    assumption wish""".split()  # noqa: SIM905 - readable
)
_ARTICLES = frozenset({"the", "an", "a", "my", "our", "your", "their"})
_THANKED = frozenset({"say", "saying", "said", "give", "giving", "send", "of", "with", "my", "our"})
_BEING = frozenset({"is", "was", "'s", "’s", "are", "were", "be", "all", "comes", "came"})
SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl", "csubj"})
NOMINATIVES = frozenset({"i", "we", "he", "she", "they", "it"})
_GOOD_TIMES = re.compile(
    r"\b(fine|worked|working|works|ok|okay|good|perfect(ly)?|great|never|happy|smooth(ly)?|well"
    r"|no (problems?|issues?|trouble)|reliabl[ey])\b",
    re.IGNORECASE,
)
_FAILS = re.compile(
    r"\b(but|yet|however|instead|except|only to|though|still|now)\b|;", re.IGNORECASE
)
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")  # a day: "since 4th June"
_NO_REASON = re.compile(
    r"^\s*(i|we|you|he|she|they)?\s*(can\s+|have\s+|had\s+|already\s+|'ve\s+)*"
    r"(say|said|see|saw|mention(ed)?|stated?|describ|explain|know|understand|wrote|write|told|do|did"
    r"|usual|always|well|far|long|much|many|soon|if|though|a |an |per|for|to|of|expected|such|it is"
    r"|it stands|things stand|advertised|promised|normal"
    r"|above|below|before|follows|is|being|it was|requested|asked)\b",
    re.IGNORECASE,
)
_COMPARES = frozenset({"as", "far", "well", "soon", "same", "such", "so", "much", "many"})
# "As you suggested", "as your article recommends": a source, not a reason.
_REFERS = tuple(
    """suggest recommend thought think said say ask advis describ show mention expect goes go stat
    promis instruct did do""".split()  # noqa: SIM905 - readable
)
_LOOKS = ("look", "named", "take", "takes", "taking", "taken", "runs", "run")


@dataclass(frozen=True, slots=True)
class Hit:
    """A connective found in a parsed sentence.

    first: its first token; after: the first token behind it; governor: the word whose subtree the
    connective governs, where the parse names one; sentence: the tokens between full stops.
    """

    row: Connective
    first: Token
    after: Token
    governor: Token | None
    sentence: Sequence[Token]

    @property
    def opens(self) -> bool:
        """Whether the sentence, or what follows an "and" or "but" in it, begins with it."""
        start = self.sentence[0].i
        if self.first.i - start <= 1:  # one word before: "and because"
            return True
        return self.first.nbor(-1).lower_ in {"and", "but"}

    def before(self) -> list[Token]:
        """The sentence's tokens before the connective, without punctuation."""
        return [token for token in self.sentence if token.i < self.first.i and not token.is_punct]


def holds(hit: Hit) -> bool:
    """Whether the reading holds; a reading without a guard always does."""
    guard = _GUARDS.get(hit.row.reading)
    return guard is None or guard(hit)


def is_present(governor: Token | None) -> bool:
    """Whether a clause stands in the present tense, the perfect aside: "since I am away"."""
    if governor is None or any(
        child.dep_ == "aux" and child.lower_ in _HELPERS for child in governor.children
    ):
        return False
    modal = any(child.tag_ == "MD" for child in governor.children)
    return governor.tag_ in {"VBZ", "VBP"} or modal


def is_tensed(token: Token) -> bool:
    """Whether this is a finite verb or a modal."""
    return token.tag_ in {"VBZ", "VBP", "VBD", "MD"}


def has_content(inside: Sequence[Token]) -> bool:
    """Whether anything but pronouns, helpers and times of day is said."""
    return any(
        _is_content(token)
        for token in inside
        if token.lower_ not in TIMES and not _ORDINAL.fullmatch(token.lower_)
    )


def _is_purpose(hit: Hit) -> bool:
    """Whether "so that" is followed by what is wanted: "I can ...", not "I cannot ..."."""
    children = [] if hit.governor is None else list(hit.governor.children)
    is_denied = any(child.dep_ == "neg" for child in children)
    return not is_denied and any(child.tag_ == "MD" for child in children)


def _is_content(token: Token) -> bool:
    if not any(char.isalnum() for char in token.text):
        return False
    if token.tag_.startswith("VB"):
        return token.dep_ not in {"aux", "auxpass"} and token.lower_ not in _HOLLOW
    if token.tag_ == "CD":
        return "." in token.text  # a version, where a bare number may be a year
    if token.tag_ == "RB" and token.dep_ == "advmod":  # "I was abroad"
        place = token.head.lower_ in _BEING and token.i > token.head.i
        return place and token.lower_ not in _BARE
    return token.tag_.startswith(("NN", "JJ", "FW", "ADD")) and token.lower_ not in _HOLLOW


def _text(tokens: Sequence[Token]) -> str:
    return "".join(token.text_with_ws for token in tokens)


def _rest(hit: Hit) -> str:
    return _text([token for token in hit.sentence if token.i >= hit.after.i])


def _is_subordinate(token: Token) -> bool:
    attached = token.dep_ in {"advmod", "mark"} and token.head.dep_ in {"advcl", "relcl"}
    return attached and token.head.i > token.i


def _clause(hit: Hit) -> bool:
    word = hit.first.lower_
    if word == "thanks":
        return not _thanks_someone(hit)
    if word == "due":
        return hit.after.tag_ != "VB"
    if word == "down":
        return any(token.lower_ in _BEING for token in hit.before()[-3:])
    return True


def _thanks_someone(hit: Hit) -> bool:
    """Whether this is "many thanks to the nurses"; "thanks to your update I lost it all" blames."""
    first = hit.first
    if any(child.dep_ in {"amod", "det", "poss", "nummod"} for child in first.children):
        return True
    before = hit.before()
    if before and before[-1].lower_ in _THANKED:
        return True
    governor = hit.governor
    behind = hit.after.i if governor is None else governor.i
    return not any(token.text.strip() for token in before) and not any(
        token.dep_ in SUBJECTS and token.i > behind and token.head.dep_ not in {"relcl", "acl"}
        for token in hit.sentence
    )


def _dated(hit: Hit) -> bool:
    first = hit.first
    if first.lower_ == "following":
        return first.dep_ in {"prep", "mark"}
    if first.lower_ != "after" or first.i == 0:
        return first.dep_ != "prt"
    before = first.nbor(-1).lower_
    if before in _ARTICLES:  # "the after care"
        return False
    return first.dep_ != "prt" and not before.startswith(_LOOKS) and before != hit.after.lower_


def _since(hit: Hit) -> bool:
    return hit.after.tag_ not in {"VBN", "IN", "WRB", "CC"}


def _trigger(hit: Hit) -> bool:
    word = hit.first.lower_
    if word == "once":
        attached = hit.first.dep_ in {"advmod", "mark"} and _has_own_subject(hit)
        return _is_subordinate(hit.first) or attached
    if word == "the":  # "the moment I lock it", where "the second user" and "at the moment" are not
        subject = hit.after.lower_ in NOMINATIVES or hit.after.tag_ in {"DT", "PRP$", "NNP"}
        return subject and hit.after.nbor(-1).tag_ != "JJ"
    return hit.after.tag_[:2] in {"PR", "DT", "NN", "EX", "VB", "JJ", "CD"}


def _has_own_subject(hit: Hit) -> bool:
    governor = hit.governor
    return governor is not None and any(
        child.dep_ in SUBJECTS and child.i >= hit.after.i for child in governor.children
    )


def _when(hit: Hit) -> bool:
    asks = hit.first.i == hit.sentence[0].i and (
        hit.after.tag_ == "MD" or hit.after.dep_ in {"aux", "auxpass", "ROOT"}
    )
    future = hit.governor is not None and any(
        child.lower_ in {"will", "wo", "would", "'ll", "’ll"} for child in hit.governor.children
    )
    previous = hit.first.nbor(-1) if hit.first.i > 0 else None
    # "From when you arrive", "there are times when it is slow".
    is_named = previous is not None and (
        (
            previous.dep_ == "prep"
            and previous.lower_ in {"from", "to", "since", "of", "by", "about"}
        )
        or (_is_time(previous) and any(one.dep_ == "expl" for one in previous.head.children))
    )
    return not asks and not future and not is_named and _is_subordinate(hit.first)


def _is_time(token: Token) -> bool:
    return token.tag_ in {"NN", "NNS"} and token.lower_ in TIMES


def _so_that(hit: Hit) -> bool:
    """Not "so that's an offer", nor a purpose, nor a result of a question or a request."""
    if hit.after.tag_ in {"VBZ", "MD"} or _is_purpose(hit):
        return False
    head = hit.sentence[0]
    asks = head.tag_ in {"MD", "UH", "WRB", "WP", "WDT", "VB", "VBP", "VBZ", "VBD"}
    return not asks and hit.sentence[-1].text != "?"


def _rest_states(hit: Hit) -> bool:
    """Not "the reason my payment was declined", nor a question."""
    if hit.first.lower_ in {"it", "just", "turns", "turned"}:
        return True
    if hit.sentence[-1].text == "?":
        return False
    linked = hit.after.nbor(-1).lower_ in {"that", "because"}
    return linked or hit.after.tag_[:2] in {"DT", "PR", "NN", "EX", "CD"}


def _until(hit: Hit) -> bool:
    ends = _is_subordinate(hit.first) or hit.first.dep_ == "prep"
    return ends and _GOOD_TIMES.search(_text(hit.before())) is not None


def _as(hit: Hit) -> bool:
    first = hit.first
    misread = first.dep_ == "prep" and _clause_follows(hit)
    if not misread and not _marks_clause(hit):
        return False
    before = [token.lower_ for token in hit.before()[-2:]]
    if before and (before[-1] in _COMPARES or before in (["as", "long"], ["so", "long"])):
        return False
    if first.head.lower_.startswith(_REFERS) or _turns_round(hit):
        return False
    return _NO_REASON.match(_rest(hit)) is None


def _turns_round(hit: Hit) -> bool:
    """Whether the subject comes behind: "it is ignored, as was my first mail" compares."""
    return hit.after.tag_[:2] in {"VB", "MD"} and _has_own_subject(hit)


def _marks_clause(hit: Hit) -> bool:
    first = hit.first
    attached = first.dep_ == "mark" and first.head.dep_ == "advcl" and first.head.i > first.i
    return attached and _has_own_subject(hit) and _is_finite(first.head)


def _is_finite(verb: Token) -> bool:
    """Not "as mentioned", but "as it has become"; "as I have" is often tagged as an infinitive."""
    helped = any(child.dep_ in {"aux", "auxpass"} for child in verb.children)
    return helped or verb.tag_ not in {"VBG", "VBN"}


def _clause_follows(hit: Hit) -> bool:
    """Whether "as" with a noun goes on as a clause: "as the mail to confirm it got lost".

    The parser takes such an "as" for a preposition; a finite verb behind the noun, with nothing
    between that could start another clause, says otherwise.
    """
    if hit.after.tag_ not in {"DT", "PRP$"} or hit.after.lower_ in {"a", "an"}:
        return False
    for token in hit.sentence:
        if token.i <= hit.after.i:
            continue
        if token.is_punct or token.tag_ in {"CC", "WDT", "WP", "WRB", "PRP"}:
            return False
        if token.tag_ in {"VBZ", "VBP", "VBD", "MD"}:
            return token.dep_ not in {"relcl", "acl"}
    return False


def _cleft(hit: Hit) -> bool:
    noun = hit.after.head if hit.after.dep_ in {"det", "poss"} else hit.after
    if not noun.tag_.startswith("NN") or noun.i <= hit.after.i or noun.lower_ in _VIEWS:
        return False
    inside = [token for token in hit.sentence if hit.after.i <= token.i <= noun.i]
    if any(token.tag_ == "JJS" or token.lower_ in _SUPERLATIVES for token in inside):
        return False
    rest = [token for token in hit.sentence if token.i > noun.i]
    cleft = any(token.dep_ == "relcl" or token.lower_ in {"that", "which"} for token in rest[:6])
    acts = (
        bool(rest)
        and rest[0].tag_ == "VBG"
        and any(child.dep_ == "dobj" for child in rest[0].children)
    )
    ends = all(token.is_punct or token.tag_ in {"RB", "IN", "DT"} for token in rest)
    return cleft or acts or ends


def _thing(hit: Hit) -> bool:
    """A noun with what belongs to it; "the problem is that it does not load" repeats the symptom.

    So does "the page not loading"; and "what the problem is" asks.
    """
    before = hit.before()
    is_noun = hit.after.tag_[:2] == "NN" or hit.after.tag_ in {"DT", "PRP$"}
    if not is_noun or hit.after.lower_ in {"no", "none"} or hit.sentence[-1].text == "?":
        return False
    if hit.first.tag_ == "WDT" or (before and before[-1].tag_[:1] == "W"):
        return False
    last = next((t.i for t in hit.sentence if t.i > hit.after.i and t.is_punct), hit.after.i)
    inside = [token for token in hit.sentence if hit.after.i <= token.i < last]
    if any(token.dep_ == "neg" for token in inside):
        return False
    if any(is_tensed(token) and not _in_relative(token) for token in inside):
        return False
    return any(_is_content(token) and token.tag_[:2] == "NN" for token in inside)


def _in_relative(token: Token) -> bool:
    return any(one.dep_ in {"relcl", "acl", "advcl"} for one in (token, *token.ancestors))


def _expected(hit: Hit) -> bool:
    return _FAILS.search(_rest(hit)) is not None


def _doer(hit: Hit) -> bool:
    last = max(hit.after.i - 1, hit.first.i)
    own = [token for token in hit.sentence if hit.first.i <= token.i <= last]
    verbs = {token.i for token in own} | {token.head.i for token in own if token.dep_ != "ROOT"}
    blames = own[-1].lower_ in {"to", "blame", "in"}
    acts = blames or any(
        child.dep_ in {"dobj", "ccomp", "xcomp"} for token in own for child in token.children
    )
    return acts and any(
        token.head.i in verbs
        and (
            (token.dep_ == "nsubj" and token.tag_[:2] == "NN")
            or (token.dep_ == "csubj" and token.tag_ in {"NN", "NNS", "VBG"})
        )
        for token in hit.before()
    )


_GUARDS: Mapping[Reading, Callable[[Hit], bool]] = {
    "clause": _clause,
    "since": _since,
    "dated": _dated,
    "trigger": _trigger,
    "when": _when,
    "until": _until,
    "as": _as,
    "so that": _so_that,
    "rest": _rest_states,
    "cleft": _cleft,
    "thing": _thing,
    "expected": _expected,
    "doer": _doer,
}

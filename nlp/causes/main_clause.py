"""Where a sentence that opens with a cause goes on to its main clause, with no comma between."""

from __future__ import annotations

from nlp.causes.connectives import TIMES
from nlp.causes.readings import NOMINATIVES, SUBJECTS, Hit, is_tensed
from nlp.language import Token

_COMPLETES = frozenset({"dobj", "acomp", "attr"})


def begins_main(token: Token, hit: Hit) -> bool:
    """Whether the main clause's subject starts here: "since the update | it logs me out"."""
    if _is_second_noun(token, hit):
        return True
    if token.lower_ not in NOMINATIVES or token.dep_ not in SUBJECTS:
        return False
    governor = hit.governor
    if token.head.dep_ == "ROOT" and (governor is None or token.head.i != governor.i):
        return True
    nominal = governor is not None and (
        governor.tag_.startswith("NN") or governor.dep_ in {"pcomp", "pobj"}
    )
    previous = token.nbor(-1).tag_ if token.i > 0 else ""
    if previous[:2] == "NN" and token.head.dep_ == "relcl" and _lacks_nothing(token.head):
        return True
    return nominal and hit.row.reading in {"dated", "since"} and previous[:2] in {"NN", "CD", "RB"}


def _is_second_noun(token: Token, hit: Hit) -> bool:
    """Whether a noun follows another with nothing between: "after the update | my mails vanished".

    The parser takes the main clause for a relative one there, or the nouns for one name.
    """
    governor = hit.governor
    if governor is None or governor.tag_[:2] != "NN" or token.tag_ not in {"DT", "PRP$"}:
        return False
    if token.lower_ == "that" or token.nbor(-1).tag_[:2] != "NN":
        return False
    between = [other for other in hit.sentence if hit.after.i <= other.i < token.i]
    rest = [other for other in hit.sentence if other.i > token.i]
    return any(map(is_tensed, rest)) and not any(map(is_tensed, between))


def _lacks_nothing(verb: Token) -> bool:
    """Whether a verb has its object, so that it cannot be relative: "the page | I get an error"."""
    if verb.head.lower_ in TIMES or not is_tensed(verb):
        return False
    return any(child.dep_ in _COMPLETES and child.i > verb.i for child in verb.children)

"""Which neighbouring sentences make the same point.

Lexical cohesion in the manner of Hearst's TextTiling (1997), at the scale of single sentences: a
sentence goes on with the point before it when it leans on it (a pronoun, "so", a fragment, a bare
request for help) or shares a content word with it; it opens a new one at "also", a bullet, or when
nothing ties it to what went before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LEANS = re.compile(
    r"^\W*(it|its|it[’']s|this|that|that[’']s|these|those|they|them|their|he|she|his|her|him"
    r"|which|who|so|then|thus|hence|therefore|because|otherwise|instead|until|unless|still|yet|even"
    r"|same|such|for example|for instance|e\.?g|i\.?e|after that|since then|as a result|in fact"
    r"|not|no|nor|neither|never|nope|yes|both|each|all of|none of|some of|most of|only|just|again"
    r"|now|meanwhile|the (same|only|first|second|other|former|latter|problem|issue|error|result)"
    r"|one|two|when i do|if i do|if so|if not|and|or|why|how|what|where|is (this|that|it|there)"
    r"|are (these|those|they|there)|was (this|that|it)|does (this|that|it|anyone|anybody)"
    r"|do (these|those|they|you)|can (you|i|this|it|someone|anyone|we)"
    r"|could (you|i|this|it|someone)|would (you|it)|will (you|it|this)|should i|any|anyone|anybody"
    r"|please|pls|plz|help|thanks|thank"
    r"|i (tried|have tried|[’']ve tried|want|would like|need|don[’']?t (know|want|understand)|did"
    r"|do"
    r"|can[’']t|cannot|am|was|had|have|just|even|also tried|hope|think|thought|guess|mean|know))\b",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^\W*(also|and also|and (while|another|one more|by the way)"
    r"|another (thing|issue|problem|question|point|one)|second(ly)?|third(ly)?|additionally"
    r"|in addition|furthermore|moreover|besides|separately|by the way|btw"
    r"|(one|and one|just one) (more|other|last) (thing|question|point)"
    r"|on (another|a different|a side) note|other than that|apart from (that|this)|aside from"
    r"|while (i[’']m|i am|we[’']re) (at it|here)|last(ly| thing)|finally"
    r"|different (question|topic|subject)|unrelated|p\.?s|plus"
    r"|(my|an)other (question|problem|issue|complaint)|what[’']s more|on top of (that|this|all)"
    r"|(she|he|they|customer|caller) also|my second|the second (thing|question|issue|point))\b",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"^\W*(but|however|although|though|unfortunately|on the other hand|that said|sadly|only thing|"
    r"the only (thing|issue|problem|complaint|downside)|my only)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'’]{2,}")
_EMPTY = frozenset(
    """about above after again all also although always and another any anyone are around
    because been before being but can can't cannot could did didn't does doesn't doing don't down
    each else even ever every few for from get gets getting give given goes going got had has have
    having help her here him his how however its just keep know like made make many may maybe might
    more most much must need never new not nothing now off old once one only other our out over own
    please put really said same say says see seem seems set should since some something still such
    sure take than thank thanks that that's the their them then there these they thing things think
    this those though through time times too tried try trying two under until upon use used using
    very want wanted was wasn't way we went were what when where which while who why will with
    without won't work works would wouldn't yes yet you your yours i'm i've i'd it's isn't aren't
    couldn't haven't hasn't hadn't good bad great day days week weeks month back come came first
    last next long well let lot able asked told tell called customer says wants""".split()  # noqa: SIM905 - readable
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence on its way to a statement. `opens`: starts a paragraph; `bullet`: a list item."""

    text: str
    opens: bool = False
    bullet: bool = False


def join(
    sentences: Sequence[Sentence],
    *,
    fragment_words: int,
    max_words: int,
    max_chars: int,
    apart: bool,
    contrast: bool,
) -> tuple[tuple[int, ...], ...]:
    """Group neighbouring sentences into points; the groups are runs of indices, in order.

    Args:
        sentences: one message's own sentences.
        fragment_words: a sentence of fewer words cannot stand alone.
        max_words: no group grows beyond this many words (a single longer sentence stays whole).
        max_chars: likewise in characters.
        apart: whether sentences that nothing ties together are separate points (surveys list
            points), or one (a ticket tells one story) unless a paragraph ends between them.
        contrast: whether "but" and "however" open a new point.
    """
    groups: list[list[int]] = []
    stems: set[str] = set()
    for at, sentence in enumerate(sentences):
        own = _stems(sentence.text)
        last = groups[-1] if groups else []
        if last and _same_point(
            sentence,
            [sentences[index] for index in last],
            shared=bool(own & stems),
            fragment_words=fragment_words,
            apart=apart,
            contrast=contrast,
        ):
            grown = " ".join(sentences[index].text for index in (*last, at))
            if len(grown) <= max_chars and len(grown.split()) <= max_words:
                last.append(at)
                stems |= own
                continue
        groups.append([at])
        stems = own
    return tuple(tuple(group) for group in groups)


def _same_point(
    sentence: Sentence,
    before: Sequence[Sentence],
    *,
    shared: bool,
    fragment_words: int,
    apart: bool,
    contrast: bool,
) -> bool:
    short = len(sentence.text.split()) < fragment_words
    so_far = sum(len(other.text.split()) for other in before)
    if sentence.bullet:
        return short and before[-1].bullet and so_far < fragment_words
    if _OPENS.match(sentence.text):
        return False
    if so_far < fragment_words or short:
        return True
    if contrast and _CONTRAST.match(sentence.text):
        return False
    if _LEANS.match(sentence.text) or shared:
        return True
    return not apart and not sentence.opens


def _stems(text: str) -> set[str]:
    words = (word.lower().replace("’", "'") for word in _WORD.findall(text))
    return {_stem(word) for word in words if word not in _EMPTY}


def _stem(word: str) -> str:
    for ending in ("'s", "ing", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word

"""Who says what no theme takes: one vote for a text, however often and in how many copies it came.

Different people come to the same short sentence by themselves, so they all are heard there. A long
text in several copies was written once: a mass mail is one voice of one customer in the birth of a
theme, whoever sent it. What a theme reaches, once it is there, still counts every customer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from nlp.discover import ResidueText
from nlp.duplicates import CopyConfig, copies_of, is_long
from nlp.records import Feedback, Statement


@dataclass(frozen=True, slots=True)
class Ballot:
    """Texts with their copies taken together. `stands_for`: digest -> the one that has the vote."""

    stands_for: Mapping[str, str]

    def voters(self, shas: Sequence[str], *, known: Collection[str] = ()) -> list[int]:
        """Positions of the texts that have a vote, in order: the first of each, unless `known`.

        Args:
            shas: digests, sorted.
            known: digests whose copies have been heard already.
        """
        heard = {self.stands_for.get(sha, sha) for sha in known}
        found: list[int] = []
        for at, sha in enumerate(shas):
            stands = self.stands_for.get(sha, sha)
            if stands not in heard:
                heard.add(stands)
                found.append(at)
        return found

    def shared(self, shas: Sequence[str], given: Mapping[str, str]) -> dict[int, str]:
        """Position -> what was given to a text or to one that it is a copy of.

        Args:
            shas: digests, sorted.
            given: digest of a voter -> what it was given.
        """
        by_vote = {self.stands_for.get(sha, sha): what for sha, what in given.items()}
        found = {at: by_vote.get(self.stands_for.get(sha, sha)) for at, sha in enumerate(shas)}
        return {at: what for at, what in found.items() if what is not None}


def ballot(texts: Mapping[str, str], *, config: CopyConfig) -> Ballot:
    """The votes among these texts (digest -> text)."""
    return Ballot(copies_of(texts, config=config))


def residue_texts(
    shas: Sequence[str],
    statements: Mapping[str, Sequence[Statement]],
    feedback: Mapping[str, Feedback],
    votes: Ballot,
    *,
    config: CopyConfig,
) -> list[ResidueText]:
    """One entry for each voter of `shas`, in order, with what its copies add.

    Args:
        shas: digests of the texts without a leaf, sorted.
        statements: digest -> the statements of this text.
        feedback: feedback key -> message.
    """
    copies: dict[str, list[Statement]] = {}
    for sha in shas:
        copies.setdefault(votes.stands_for.get(sha, sha), []).extend(statements[sha])
    return [
        _residue_text(shas[at], copies[votes.stands_for.get(shas[at], shas[at])], feedback, config)
        for at in votes.voters(shas)
    ]


def _residue_text(
    sha: str,
    statements: Sequence[Statement],
    feedback: Mapping[str, Feedback],
    config: CopyConfig,
) -> ResidueText:
    keys = {item.feedback_key for item in statements}
    messages = [feedback[key] for key in sorted(keys)]
    customers = frozenset(message.customer for message in messages)
    by_week = Counter(message.week for message in messages)
    if len(messages) > 1 and is_long(statements[0].text, config=config):
        # Cast when it was sent last: as news it counts, as persistence it does not.
        last = max(by_week)
        customers = customers if len(customers) == 1 else frozenset({f"copies of {sha}"})
        return ResidueText(sha, 1, customers, frozenset({last}), ((last, 1),))
    return ResidueText(
        sha=sha,
        mentions=len(messages),
        customers=customers,
        weeks=frozenset(by_week),
        by_week=tuple(sorted(by_week.items())),
    )

"""Is a group of texts something new, and is it one thing?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlp.exemplars import ExemplarConfig
from nlp.neighbours import FloatArray, IntArray


def gain(members: FloatArray, claims: FloatArray, *, config: ExemplarConfig) -> float:
    """How much better its members would stand in a theme of their own than in those there are.

    (own - claims) / own, where own is the mean member score in the group without the text itself,
    and claims the mean best score with a theme that exists. A share, since scores of long or loose
    texts are all lower. In 4 streams of Banking77, groups of intents first heard that week had
    .09 to .50, groups of leftovers of known intents -.14 to .09, but pure pieces of one known
    intent .15 to .34: those are born, too. On the samples' statements .14 to .33 and -.01 to .08.

    Args:
        members: unit rows of the group, shape (n, d), n > 1.
        claims: the best score of each member with a theme that exists, shape (n,).
    """
    similar = members @ members.T
    np.fill_diagonal(similar, -np.inf)
    voters = min(config.vote, len(members) - 1)
    votes = np.sort(similar, axis=1)[:, -voters:].mean(axis=1)
    others = members.sum(axis=0) - members
    others /= np.maximum(np.linalg.norm(others, axis=1, keepdims=True), 1e-9)
    centres = (members * others).sum(axis=1)
    own = config.vote_share * votes + (1 - config.vote_share) * centres
    mean = float(own.mean())
    return (mean - float(claims.mean())) / max(mean, 1e-9)


def rejoined(
    vectors: FloatArray, groups: Sequence[IntArray], *, tightness: float
) -> list[IntArray]:
    """Groups with those joined that are one thing: in a small residue one intent falls to pieces.

    The two groups whose union is tightest (mean cosine of two members) are joined, as long as the
    union is at least as tight as a theme is (`tightness`).

    Returns:
        The indices of the groups that make up each group, in the order of the first of them.
    """
    sums = [vectors[group].sum(axis=0, dtype=np.float64) for group in groups]
    sizes = [len(group) for group in groups]
    parts = [[at] for at in range(len(groups))]
    while len(parts) > 1:
        total = np.stack(sums)
        count = np.array(sizes, dtype=np.float64)
        both = count[:, None] + count[None, :]
        length = (total**2).sum(axis=1)
        square = length[:, None] + length[None, :] + 2 * total @ total.T
        tight = (square - both) / np.maximum(both * (both - 1), 1.0)
        tight[np.tril_indices(len(parts))] = -1.0
        left, right = divmod(int(tight.round(9).argmax()), len(parts))
        if tight[left, right] < tightness:
            break
        parts[left] = sorted(parts[left] + parts[right])
        sums[left], sizes[left] = sums[left] + sums[right], sizes[left] + sizes[right]
        del parts[right], sums[right], sizes[right]
    return [np.array(part, dtype=np.int64) for part in parts]

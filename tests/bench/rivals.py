"""What others would answer on the same vectors. Their packages live in the group "bench".

Settings are those that a user meets first, and the same for every corpus; only k-means is told the
true number of labels. Seeds are fixed.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from nlp.encoding import FloatArray

Answer = list[str | None]
_SEED = 42
# UMAP + HDBSCAN was best on Banking77 with clusters of 50 of its 13,083 texts; the same share here.
_SHARE = 50 / 13_083
_LEAST_CLUSTER = 10  # as BERTopic has it


def kmeans(vectors: FloatArray, *, clusters: int, seed: int) -> Answer:
    """K-means, told how many clusters there are; the best of ten starts."""
    model = KMeans(min(clusters, len(vectors)), n_init=10, random_state=seed)
    return [str(label) for label in model.fit_predict(vectors).tolist()]


def bertopic(texts: Sequence[str], vectors: FloatArray) -> tuple[Answer, Answer]:
    """BERTopic's defaults (c-TF-IDF only, UMAP seeded), then with its outliers reduced.

    Outliers go to the nearest topic by embeddings (`reduce_outliers`, strategy "embeddings").
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from bertopic import BERTopic
        from umap import UMAP

        model = BERTopic(
            umap_model=UMAP(
                n_neighbors=15,
                n_components=5,
                min_dist=0.0,
                metric="cosine",
                low_memory=False,
                random_state=_SEED,
            )
        )
        documents = list(texts)
        topics, _ = model.fit_transform(documents, embeddings=vectors)
        if -1 in topics and len(set(topics)) > 1:
            reduced = model.reduce_outliers(
                documents, topics, strategy="embeddings", embeddings=vectors
            )
        else:
            reduced = topics
    return _named(topics), _named(reduced)


def umap_hdbscan(vectors: FloatArray) -> Answer:
    """UMAP to five dimensions, HDBSCAN with clusters of at least .4% of the texts, at least 10."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hdbscan import HDBSCAN
        from umap import UMAP

        flat: NDArray[np.float32] = UMAP(
            n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=_SEED
        ).fit_transform(vectors)
        smallest = max(_LEAST_CLUSTER, round(_SHARE * len(vectors)))
        labels = HDBSCAN(min_cluster_size=smallest, min_samples=5).fit_predict(flat)
    return _named(labels.tolist())


def available() -> bool:
    """Whether the rivals' packages are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("bertopic", "umap"))


def rivals(texts: Sequence[str], vectors: FloatArray) -> list[tuple[str, Callable[[], Answer]]]:
    """Name and answer of each rival that is told nothing, in the table's order."""
    made: list[tuple[Answer, Answer]] = []

    def topics() -> Answer:
        made.append(bertopic(texts, vectors))
        return made[0][0]

    return [
        ("BERTopic defaults", topics),
        ("BERTopic + outlier reduction", lambda: made[0][1]),
        ("UMAP + HDBSCAN", lambda: umap_hdbscan(vectors)),
    ]


def _named(labels: Sequence[int]) -> Answer:
    return [None if label == -1 else str(label) for label in labels]

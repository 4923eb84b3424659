"""The English parser: the only module that imports spaCy.

The pipeline object is called `language`: spaCy's habit of calling it `nlp` would shadow this
package.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span, Token

from nlp.models import verify_spacy

__all__ = ["Doc", "Language", "Span", "Token", "load_language", "parse"]

# Clauses need tags and dependencies only. NER calls "Dashboard" a person, the lemmatizer and the
# attribute ruler would cost a third of the time, and the senter is the parser's understudy.
_EXCLUDED = ("ner", "lemmatizer", "senter", "attribute_ruler")
# 64 documents a batch was as fast as any size tried (16 to 512), and keeps memory flat.
_BATCH = 64


def load_language() -> Language:
    """Load the verified English pipeline: tokenizer, tok2vec, tagger, parser. Takes 1 to 4 s.

    Raises:
        ModelMissing: when the model package is not installed.
        ModelMismatch: when its files are not the ones this version was tested with.
    """
    return spacy.load(verify_spacy(), exclude=list(_EXCLUDED))


def parse(texts: Sequence[str], *, language: Language, processes: int = 1) -> Iterator[Doc]:
    """Parse texts, one document each, in the order given.

    A document's parse depends on its own text alone: not on its neighbours, its batch or the
    number of processes. Text in capitals throughout is parsed in lower case, which the tagger knows
    far better; offsets stay those of the text given.
    """
    readable = [_readable(text) for text in texts]
    workers = max(1, min(processes, len(readable) // _BATCH))
    yield from language.pipe(readable, batch_size=_BATCH, n_process=workers)


def _readable(text: str) -> str:
    lowered = text.lower()
    return lowered if text.isupper() and len(lowered) == len(text) else text

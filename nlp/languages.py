"""The language of a message that names none, by py3langid; the only module that imports it."""

from __future__ import annotations

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Languages that customers of software and services are likely to write in. Without this limit the
# 140 languages known take "thanks" for Xhosa and "login broken" for Nigerian Pidgin.
LANGUAGES = (
    *("ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr"),
    *("he", "hi", "hr", "hu", "id", "is", "it", "ja", "ko", "lt", "lv", "ms", "nl", "nn"),
    *("no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "sw", "ta", "th", "tr", "uk"),
    *("ur", "vi", "zh"),
)
# At 0.9 every English survey comment of a measured 7,908 was right or unsure; without a limit one
# in two of fewer than 8 letters and one in 25 of fewer than 16 was wrong.
LEAST_CONFIDENCE = 0.9
# A page is enough, and keeps the cost of a long message flat.
_ENOUGH = 2_000
_MARKUP = re.compile(r"\[[A-Z_]+\]|https?://\S+|\d+")


def detect_language(text: str, *, least_confidence: float = LEAST_CONFIDENCE) -> str | None:
    """ISO 639-1 code of the text's language; None when unsure, as for most single words."""
    letters = _MARKUP.sub(" ", text[:_ENOUGH])
    if not any(map(str.isalpha, letters)):
        return None
    language, confidence = _identifier().classify(letters)
    return str(language) if float(confidence) >= least_confidence else None


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier

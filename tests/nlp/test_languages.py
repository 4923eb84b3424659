from __future__ import annotations

import pytest

from nlp.languages import LEAST_CONFIDENCE, detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The invoice shows the wrong tax rate again and nobody answers.", "en"),
        ("Die Rechnung zeigt schon wieder den falschen Steuersatz an.", "de"),
        ("La factura muestra otra vez el impuesto equivocado.", "es"),
        ("La facture montre encore le mauvais taux de taxe.", "fr"),
        (
            "\u8bf7\u5e2e\u6211\u53d6\u6d88\u8ba2\u9605\uff0c\u8c22\u8c22\u4f60\u4eec\u7684\u5e2e\u52a9",
            "zh",
        ),
    ],
)
def test_a_sentence_is_recognised(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    "text", ["ok", "n/a", "thanks", "Slack", "12345", "", "\U0001f600", "[EMAIL]"]
)
def test_unsure_is_none(text: str) -> None:
    assert detect_language(text) is None


def test_the_limit_of_confidence_decides() -> None:
    assert detect_language("login broken") is None
    assert detect_language("login broken", least_confidence=0.0) is not None
    assert detect_language("Login geht nicht", least_confidence=LEAST_CONFIDENCE) == "de"
    assert detect_language("Login geht nicht", least_confidence=0.999) is None

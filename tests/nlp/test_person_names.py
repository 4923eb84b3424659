from __future__ import annotations

import subprocess
import sys

import pytest

from nlp.intake import IntakeConfig, take
from nlp.language import load_name_finder
from nlp.person_names import redact_config, wants_names
from nlp.records import Feedback
from nlp.redact import PATTERNS_ONLY, redact

TEXT = "I spoke to John Smith on Monday, and Mary Jones called me back about the invoice."


def test_names_are_replaced_once() -> None:
    config = redact_config(names=True)
    found = redact(TEXT, config=config)
    assert found.text == (
        "I spoke to [PERSON] on Monday, and [PERSON] called me back about the invoice."
    )
    assert dict(found.counts) == {"PERSON": 2}
    again = redact(found.text, config=config)
    assert (again.text, dict(again.counts)) == (found.text, {})


def test_the_recognizer_is_loaded_once() -> None:
    assert load_name_finder() is load_name_finder()


def test_off_by_default_and_then_without_spacy() -> None:
    assert IntakeConfig().redact == redact_config(names=False) == PATTERNS_ONLY
    code = (
        "import sys; from nlp.person_names import redact_config; redact_config(names=False);"
        "assert 'spacy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_names_are_looked_for_in_prose_only() -> None:
    """A plan, a source or an id that NER takes for a name would lose its meaning."""
    row = {
        "id": "John Smith",
        "source": "John Smith",
        "channel": "John Smith",
        "kind": "ticket",
        "created_at": "2026-11-10",
        "text": TEXT,
        "plan": "John Smith",
        "note": TEXT,
        "brief": "I called John Smith",  # four words: one below the least
        "brief_note": "I called John Smith twice",
    }
    taken = take(row, config=IntakeConfig(redact=redact_config(names=True)))
    assert isinstance(taken.outcome, Feedback)
    found = taken.outcome
    assert (found.id, found.source, found.channel) == ("John Smith",) * 3
    assert "Smith" not in found.text
    attributes = dict(found.attributes)
    assert attributes["plan"] == "John Smith"
    assert "Smith" not in attributes["note"]
    assert attributes["brief"] == "I called John Smith"
    assert attributes["brief_note"] == "I called [PERSON] twice"


def test_a_quarantined_text_has_no_names_either() -> None:
    config = IntakeConfig(redact=redact_config(names=True))
    taken = take({"id": "1", "text": TEXT}, config=config)
    assert not isinstance(taken.outcome, Feedback)
    assert "Smith" not in taken.outcome.raw
    assert taken.redactions["PERSON"] == 2


@pytest.mark.parametrize(("text", "on"), [("1", True), ("YES ", True), ("", False), ("0", False)])
def test_the_switch(text: str, on: bool) -> None:
    assert wants_names(text) is on


def test_a_switch_by_typing_error_is_not_off() -> None:
    with pytest.raises(ValueError, match="write 1 or 0"):
        wants_names("ture")

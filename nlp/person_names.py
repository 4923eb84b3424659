"""Whether names of people are looked for: off unless asked for, because it takes other words away.

Measured on the 967 tickets and survey answers of `samples/`: 203 were changed. Among what was taken
for a person were the product's own name (27 times), its plan "Starter" (14), Safari, Firefox and
"Settings". One look at a ticket takes 8 ms of processor time, and two to three looks are needed.
"""

from __future__ import annotations

from nlp.redact import RedactConfig

_ON = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"", "0", "false", "no", "off"})


def wants_names(text: str) -> bool:
    """What a switch's text says: 1, true, yes, on; or 0, false, no, off, nothing.

    Raises:
        ValueError: for anything else: a switch for personal data must not be off by a typing error.
    """
    word = text.strip().lower()
    if word not in _ON | _OFF:
        raise ValueError(f"GROUNDSWELL_REDACT_NAMES={text!r} is no switch; write 1 or 0")
    return word in _ON


def redact_config(*, names: bool) -> RedactConfig:
    """The fixed patterns, and with `names` spaCy's PERSON spans; loads spaCy only then (2 s).

    Raises:
        ModelMissing, ModelMismatch: as `nlp.language.load_name_finder`.
    """
    if not names:
        return RedactConfig()
    from nlp.language import load_name_finder  # noqa: PLC0415 - spaCy only where names are wanted

    return RedactConfig(find_names=load_name_finder())

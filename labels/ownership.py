"""Who answers for what, where on the journey, and which intents are known beforehand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ID_PATTERN = r"^[a-z0-9][a-z0-9_-]*$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^*]*\w[^*]*\*?$")]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Count = Annotated[int, Field(strict=True, ge=1)]


class Entry(BaseModel):
    """Base of everything in the files: frozen, and a key that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Intent(Entry):
    """A seed: an intent the company already has a name for."""

    id: Id
    name: Text
    examples: Annotated[tuple[Text, ...], Field(min_length=1)]
    stage: Id | None = None
    owner: Id | None = None


class Stage(Entry):
    """One stage of the customer's journey; its owner answers where nobody nearer is found."""

    id: Id
    name: Text
    description: Text
    examples: Annotated[tuple[Text, ...], Field(min_length=1)]
    owner: Id


class StageMatching(Entry):
    """When a theme is close enough to a stage to be placed there. Similarities are cosines."""

    min_similarity: Share
    min_margin: Share


class Journey(Entry):
    """journey.yaml: the stages in the order a customer meets them."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    matching: StageMatching


class Rule(Entry):
    """All that is given must hold. `words`: any of them, in enough of the typical statements."""

    words: tuple[Word, ...] = ()
    theme: Text | None = None
    stage: Id | None = None
    intent: Id | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Rule:
        if not (self.words or self.theme or self.stage or self.intent):
            raise ValueError("a rule needs at least one of words, theme, stage, intent")
        return self


class Escalation(Entry):
    """The leader to call when the owner does not answer."""

    name: Text
    contact: Text


class Owner(Entry):
    """A person or team, what they own in plain words, and the rules that always lead to them.

    `deliver`: where the owner's part of the report is sent: apprise URLs, or names of environment
    variables that hold them. Nobody's results depend on it, so it is in no digest.
    """

    id: Id
    name: Text
    kind: Literal["person", "team"]
    contact: Text
    owns: Annotated[tuple[Text, ...], Field(min_length=1)]
    rules: tuple[Rule, ...] = ()
    escalation: Escalation
    deliver: Annotated[tuple[Text, ...], Field(exclude=True, repr=False)] = ()


class OwnerMatching(Entry):
    """When a rule's words count, and when the nearest responsibility is near enough.

    min_similarity, min_margin: cosine of a theme to an owner's phrases; lead over the next owner.
    rule_min_share, rule_min_hits: share and number of typical statements a rule's words must hit.
    confirm_below: matches under this confidence are flagged for a person to confirm.
    """

    min_similarity: Share
    min_margin: Share
    rule_min_share: Share
    rule_min_hits: Count
    confirm_below: Share


class Owners(Entry):
    """owners.yaml: everyone who can own a theme, and who does when nothing else is known."""

    owners: Annotated[tuple[Owner, ...], Field(min_length=1)]
    fallback: Id
    matching: OwnerMatching


class Intents(Entry):
    """intents.yaml: seeds, often none."""

    intents: tuple[Intent, ...]

"""The words with which customers state causes, and how each is read. A table, no code.

"After" and "since" may only date a thing, so they are typed as temporal; "since" with a present
tense ("since I am away") is a reason, which `nlp.causes.readings` tells from the parse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Reading = Literal[
    "clause",  # what follows is the cause: "because the list has no filter"
    "since",  # as `clause`, relation from the tense
    "dated",  # what follows is an event or a time: "after the update"
    "trigger",  # what follows is when it happens: "every time I open the app"
    "when",  # as `trigger`, where it is not a question or an indirect one
    "until",  # what follows ended the good times: "worked until I updated"
    "as",  # as `clause`, where it is not a comparison
    "so that",  # the cause stands before, unless a purpose follows
    "before",  # the cause stands before: "..., which is why I left"
    "back",  # likewise, as a time: "I reconnected on Monday and it has been dead since."
    "doer",  # the verb's subject is the cause: "the update broke my feed"
    "rest",  # all that follows: "turns out the logo is too big"
    "cleft",  # "it was the new logo (that broke it)"
    "thing",  # a thing follows, not a sentence: "the problem is the router"
    "expected",  # "I was told two days, but ..."
]
Relation = Literal["causal", "temporal", "expectation"]


@dataclass(frozen=True, slots=True)
class Connective:
    """One row of the table: a pattern, how it is read and what it says at most."""

    pattern: str
    reading: Reading
    relation: Relation


CONNECTIVES = (
    Connective(
        r"that[’']?s (?:exactly |precisely )?why|which is why|hence why|and this is why",
        "before",
        "causal",
    ),
    Connective(
        r"(?:just |only )?because of|due to|owing to"
        r"|on account of|thanks to|down to|stem(?:s|med)? from"
        r"|as a (?:direct )?(?:result|consequence) of"
        r"|(?:caused|triggered|brought on) (?:directly )?by",
        "clause",
        "causal",
    ),
    Connective(
        r"just because|only because|because|becuase|becasue|becouse|becauze|becuz|cuz|coz|bcoz"
        r"|bcos|bcz|[’']cause|[’']cos",
        "clause",
        "causal",
    ),
    Connective(r"now that|given that|seeing (?:that|as|how)|considering that", "clause", "causal"),
    Connective(
        r"since then|(?:ever )?since(?=\s*(?:[.,!;)]|$))|from that (?:moment|day|morning|point)"
        r"(?: on)?|afterwards?(?=\s*(?:[.,!;)]|$))",
        "back",
        "temporal",
    ),
    Connective(
        r"ever since|(?:right|straight|shortly|soon|immediately|just|directly) after"
        r"|from the (?:moment|day)|following",
        "dated",
        "temporal",
    ),
    Connective(r"since", "since", "temporal"),
    Connective(r"after", "dated", "temporal"),
    Connective(
        r"(?:every|each|any) ?(?:single )?time(?: that| when)?|whenever|as soon as"
        r"|the (?:very )?(?:moment|minute|second|instant)(?: that| when)?|only when|even when"
        r"|once",
        "trigger",
        "temporal",
    ),
    Connective(r"when", "when", "temporal"),
    Connective(r"until|till", "until", "temporal"),
    Connective(r"so that(?![’']s)", "so that", "causal"),
    Connective(
        r"(?:it )?(?:just )?turn(?:s|ed) out(?: that| to be)?"
        r"(?: because of| because| it (?:was|is))?",
        "rest",
        "causal",
    ),
    Connective(
        r"(?:the|my|our|one|main|only|real|biggest)"
        r" (?:only |main |real |biggest |single |likely |whole |common )*"
        r"(?:reason|cause|culprit|root cause|common factor|explanation"
        r"|(?:source|root) of (?:the|this|my|our|all) \w+)(?: [^.;,]{1,60}?)??"
        r" (?:is|was|being|seems to be|turned out to be|appears to be)(?: that| because)?",
        "rest",
        "causal",
    ),
    Connective(r"reason being(?: that)?", "rest", "causal"),
    # Not "the only problem" or "the main issue": these begin a list of what was not liked.
    Connective(
        r"the (?:real |actual |whole )?(?:problem|issue|fault|trouble)"
        r"(?: here| with(?: [\w.-]+){1,4}?)?"
        r" (?:is|was|seems to be|turned out to be|appears to be)(?: with)?",
        "thing",
        "causal",
    ),
    Connective(
        r"(?:found out|discovered|worked out|figured out|reali[sz]ed)(?: that)?"
        r" (?:it|the (?:problem|issue|cause|culprit|reason)) (?:is|was)(?! an?\b)",
        "thing",
        "causal",
    ),
    Connective(
        r"(?:i|we)(?: can only| now| also| mostly| mainly| personally)? blame"
        r"(?: (?:it|this|that|everything)(?: all)? on)?",
        "thing",
        "causal",
    ),
    Connective(
        r"(?:it|this|(?:problem|issue|error|crash|trouble|fault|delay|bug|mistake)s?)(?: \w+ly)?"
        r" (?:comes?|came|arises?|arose|resulted) from(?! an?\b)",
        "thing",
        "causal",
    ),
    Connective(
        r"(?:it|this|(?:problem|issue|error|crash|trouble|fault|delay|bug)s?)(?: all| only| first)?"
        r" (?:began|begins?|started|starts?) with(?! an?\b)",
        "thing",
        "temporal",
    ),
    Connective(
        r"it (?:is|was)(?= (?:the|your|my|our|their)\b)|it[’']s(?= your\b)", "cleft", "causal"
    ),
    Connective(
        r"(?:has |have |had )?(?:broke|broken|breaks|caused|causes|triggered|triggers)"
        r"|led to|leads to|resulted in|results in|(?:is|was) to blame",
        "doer",
        "causal",
    ),
    Connective(
        r"(?:i|we|she|he|they|customer|caller)[’' ]?(?:a?m |re |ve |d )?"
        r"(?:was |were |have |has |had |am )?"
        r"(?:been |also |even |originally |explicitly |repeatedly )?"
        r"(?:told|promised|assured|informed|led to believe|quoted|given to understand)"
        r"(?: me| us| him| her| them)?(?: that)?"
        r"|(?:it|you|they|some(?:one|body)|your \w+|the (?:site|page|website|help page|advert|ad"
        r"|app|e-?mail|message|letter|agent|lady|man|woman|guy|rep|operator|doctor|nurse"
        r"|receptionist)) "
        r"(?:said|promised|told (?:me|us)|advertised|claimed|assured (?:me|us))(?: that)?"
        r"|(?:is|was|were|are) supposed to|(?:i|we) (?:had )?expected(?: that| to)?",
        "expected",
        "expectation",
    ),
    Connective(
        r"as(?! (?:well|soon|if|though|far|long|much|many|per|usual|such)\b)", "as", "causal"
    ),
)

ANY = re.compile(
    "|".join(
        rf"(?P<c{at}>(?<![\w:.<-])(?:{row.pattern}))(?![\w-])" for at, row in enumerate(CONNECTIVES)
    ),
    re.IGNORECASE,
)

# Times of the clock and the calendar: alone, they are no cause ("since Monday").
TIMES = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri
    sat sun january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec today yesterday tomorrow tonight now then later
    ago day days week weeks weekend weekends month months year years hour hours hrs minute minutes
    mins min second seconds moment while time times morning evening afternoon night noon midnight
    lunch lunchtime beginning start end middle first second third last next past previous recent few
    several couple many half early late long spring summer autumn fall winter christmas easter am pm
    st nd rd th about almost nearly over around only just least more than once twice ages decades
    forever that this it all which one ones business working at in of on the a an and or to my our
    your their his her so far very same other each every""".split()  # noqa: SIM905 - readable
)

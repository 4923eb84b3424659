"""Words by which a sentence is told to be no point of the customer's: non-answer, courtesy, agent.

English, with the commonest forms of a few neighbours. Whole sentences only: "Nothing works" is a
point, "Nothing" is not.
"""

from __future__ import annotations

import re

_NO_WHAT = (
    r"comments?|answer|reply|response|feedback|opinion|idea|suggestions?|complaints?|improvements?"
    r"|problems?|issues?"
)
_NOTHING_MORE = (
    r"at all|else|really|to (?:say|add|report|comment|mention|note|declare)|more|comes to mind"
    r"|that i can think of|i can think of|in particular|specific|special|springs to mind|as yet|yet"
    r"|at present|at the moment|at this time|for now|so far|thanks?|thank you|ta"
)
_NOTHING = re.compile(
    r"^\W*(?:n\W?/?\W?a|none|nothing|nil|nope|no+|nah|non|null|not applicable"
    rf"|no (?:{_NO_WHAT})"
    r"|did(?:n[’']?t| not) answer|no answer given|not answered|blank|empty|skip(?:ped)?|pass"
    r"|unsure|not sure|(?:i )?(?:don[’']?t|do not) know|dunno|dk|idk"
    r"|can(?:[’']t|not) (?:think of anything|say)"
    rf"|(?:nothing|none|no)(?:,? (?:{_NOTHING_MORE}))+"
    r"|i (?:don[’']?t|do not) have any(?: comments?| suggestions?)?"
    r"|as above|see above|same as above|ditto|test|testing|asdf+|x{2,9}|zero|tbc|tba"
    r"|hello|hi|yes|yep|ok|okay|keine|rien|nada|niente|geen)\W*$",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"^\W*(?:(?:many|much|kind|with|best|warm|and|so|please|again),? )*"
    r"(?:(?:thanks?|thank you|thankyou|thx|tia|txs|cheers|regards|much appreciated"
    r"|appreciate (?:it|your help|any help|this))"
    r"(?: (?:so|very) much| a lot| a million| again| in advance| everyone| all| guys| team| you"
    r"| for (?:your|any|the|all)(?: \w+){1,4}"
    r"| for (?:reading|helping|listening|looking(?: into (?:this|it))?))*"
    r"|have a (?:nice|great|good|lovely) (?:day|one|weekend|evening|week)"
    r"|(?:i )?look(?:ing)? forward to (?:your|hearing)[^.!?]*)[\s.!,:)]*$",
    re.IGNORECASE,
)
_WHOM = r"(?:him|her|them|customer|caller|client|the (?:customer|caller|client))"
# What an agent writes of the own part: a verb without a subject, or "I" and "we".
_DID = (
    r"advised|informed|explained|confirmed|passed|escalated|logged|raised|offered|apologi[sz]ed"
    r"|transferred|forwarded|referred|promised|suggested|walked|talked|guided|noted|recorded|checked"
    r"|verified|resolved|agreed|assured|recommended|closed|booked|scheduled|refunded|credited"
    r"|troubleshot|reassured|acknowledged|thanked|issued|arranged|restored|handed|collected"
    r"|unlocked|extended|waived|linked|switched|corrected|sent"
)
_AGENT = re.compile(
    r"^\W*(?:(?:the )?(?:agent|advis[oe]r|representative|rep|support|csr|operator|brand|company)"
    r"(?:[’']s|s)?\b"
    rf"|(?:{_DID})\b(?! (?:but|twice|by|off)\b)"
    rf"|(?:told|asked|gave|pointed|showed|called|emailed) {_WHOM}\b|asked for\b"
    r"|feature request\b|(?:no )?further action|no action|follow[- ]?up\b|callback\b|call back\b"
    r"|will (?:follow|call|check|escalate|email|get back|send|look|investigate|update|raise|pass)"
    r"(?: up| back)?\b(?! her| his| their bank)"
    r"|(?:opened|created|reset|added|took) (?:a |an |the |new |her |his |their )"
    r"|call(?:er)? (?:ended|disconnected)|placed on hold|requested (?:logs?|screenshots?|details)"
    r"|ticket\b|case (?:number|closed|opened)"
    rf"|(?:i|we) (?:have |had |then |also )*"
    rf"(?:{_DID}|told|said|asked|could not|couldn[’']?t|will)\b)",
    re.IGNORECASE,
)
_ADVISED = re.compile(
    r"^\W*(?:i |we |agent )?advised (?:the )?(?:customer|caller|client|user)\b", re.IGNORECASE
)


def is_non_answer(text: str) -> bool:
    """An answer without content: "n/a", "none", "Did not answer", or no letter at all."""
    return not any(char.isalpha() for char in text) or _NOTHING.match(text.strip()) is not None


def is_courtesy(sentence: str) -> bool:
    """A closing that says nothing about the matter ("Thanks in advance.", "Kind regards")."""
    return _COURTESY.match(sentence) is not None


def is_agents_part(sentence: str, *, call_note: bool) -> bool:
    """What the agent did or said; outside call notes only the unmistakable "Advised customer"."""
    if call_note and _AGENT.match(sentence):
        return True
    return _ADVISED.match(sentence) is not None

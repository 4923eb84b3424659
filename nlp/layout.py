"""The parts of a message: what the customer wrote now, and what is greeting, signature, quotation.

Line rules only, no model. Every line ends up in exactly one block; a block that is not the
customer's own point carries the reason as `noise` and is kept, so that nothing is dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.records import Kind

QUOTED = "quoted reply"
SIGNATURE = "signature"
GREETING = "greeting"
BOILERPLATE = "boilerplate"
AGENT = "agent"

# A signature is a sign-off and at most this many lines: name, role, company, street, phone, web.
_SIGNATURE_LINES = 7
_SIGNATURE_WORDS = 9
_NAME_WORDS = 6
# Many exports put the title before the text, so that a greeting may open the second paragraph.
_HEADS = 2
# Mail programs wrap at 72 to 78; a line this long without a full stop goes on in the next one.
_WRAPPED = 55


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text, whitespace collapsed. `opens` marks a bullet or a new paragraph."""

    text: str
    noise: str | None = None
    opens: bool = False
    bullet: bool = False


_WROTE = re.compile(
    r"^\W*(on|am|le|el|il)\b(?=.*[\d@<]).{4,120}\b(wrote|schrieb|a écrit|escribió|ha scritto)\b"
    r"(\s*:?|.{0,60}:)\s*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^\s*[-_*\s]{2,}(original (message|appointment)|forwarded (message|by)|reply above this line"
    r"|please (type|reply) .{0,20}above)\b|^\s*begin forwarded message:?\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(r"^\W*(from|von|de)\W*:\s*\S", re.IGNORECASE)
_HEADER_NEXT = re.compile(
    r"^\W*(sent|to|date|subject|cc|gesendet|an|envoyé|betreff)\W*:", re.IGNORECASE
)
_QUOTE_MARK = re.compile(r"^\s*(>|\|\s)")
_DEVICE = re.compile(
    r"^\W*(sent from (my|mail for|yahoo|outlook)\b|get outlook for\b"
    r"|sent (via|with) \S+ (mail|app)\b)",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"\b(this (e-?mail|message|communication)\b.{0,60}"
    r"\b(confidential|privileged|intended (only|solely))"
    r"|confidentiality notice|intended recipient|please (do not|don'?t) reply to this"
    r"|to unsubscribe\b|consider the environment before printing|virus[- ]free\. www"
    r"|thank(s| you) for (contacting|reaching out to|getting in touch with|writing to)\b"
    r"|your (ticket|case|request|enquiry|inquiry)\b.{0,30}\b(has been|was|is) "
    r"(created|received|logged|opened|escalated|assigned|closed|updated)\b"
    r"|(one|a member) of our (specialists|team|agents|support team).{0,40}\b(touch|contact|respond)"
    r"|^\W*(ticket|case) (#?\w+ )?(was |has been )?(escalated|closed|merged|reopened|transferred)\b"
    r"|^\W*please rate (our|this|your)\b|how would you rate the (help|support) you received)",
    re.IGNORECASE,
)
_AGENT_LABEL = re.compile(
    r"^\W{0,2}(agent|advis[oe]r|rep|representative|operator|csr|support|support agent|internal note"
    r"|private note|resolution|action taken)\s*(\([^)]*\)|\d+|[-–] ?\w+)?\s*:\s*",
    re.IGNORECASE,
)
_CUSTOMER_LABEL = re.compile(
    r"^\W{0,2}(customer|caller|client|user|member|guest|patient)\s*(\([^)]*\)|\d+)?\s*:\s*",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"^\W*((many|kind|kindest|best|warm|warmest|with|very|yours|much|ever|again|in|my|and|so|all|the"
    r"|mit|freundlichen|freundliche|viele|liebe|beste|cordiali|bien|un|muchas|mil)[ ,]+){0,3}"
    r"(thanks?|thank you|thankyou|thx|tia|ta|cheers|regards|wishes|best|sincerely|faithfully|"
    r"truly|respectfully|cordially|greetings|yours|rgds|advance|appreciated|grüße|grüßen|gruß|gruss|"
    r"danke|saluti|saludos|obrigad[oa]|merci|cordialement|gracias|grazie|groet|groeten|mvh|love)"
    r"( (a lot|a million|again|so much|very much|much|indeed|in advance|everyone|everybody|all|"
    r"guys|folks|team|(for|to|from) .{2,60}))*"
    r"\s*([,.!–:-]+\s*|\s+/\s+)?(?P<name>[^.?!]{0,60})[.!)]*\s*$",
    re.IGNORECASE,
)
_NAME = re.compile(r"^[-–—~*/ ]*[^\W\d_][\w.'’&@-]*([ ,/&|+–—-]+[^\W\d_][\w.'’&@-]*)*\.?$")
_SMALL = {
    "and",
    "of",
    "the",
    "van",
    "von",
    "de",
    "da",
    "del",
    "der",
    "di",
    "la",
    "le",
    "at",
    "from",
}
_HELLO = (
    r"(?:hi|hello|hey|hiya|heya|dear|greetings|howdy|hallo|hola|bonjour|ciao|guten (?:tag|morgen)"
    r"|good (?:morning|afternoon|evening|day)|to whom it may concern|olá|sehr geehrte\S*)"
)
_NO_NAME = (
    r"(?!(?:i|we|my|our|the|a|is|are|can|could|how|please|why|when|since|after|it|this|no|not)\b)"
)
_GREETING_LINE = re.compile(
    rf"^\W*{_HELLO}(?: +{_NO_NAME}[\w'’./&-]+){{0,5}}\s*[,!:–-]+\s*$"
    rf"|^\W*{_HELLO}(?: +{_NO_NAME}[\w'’./&-]+){{0,2}}[.\s]*$",
    re.IGNORECASE,
)
_GREETING_PREFIX = re.compile(
    rf"^\W*{_HELLO}(?:[ ,]+{_NO_NAME}[\w'’./&-]+){{0,4}}?\s*[,.!:;–—-]+\s+(?=\S)"
    r"|^\W*(?:hi|hello|hey)\s+(?:there |all |team |guys )?"
    r"(?=(?:i|i'm|i’m|i've|we|my|our|can|could|how|please|why|since|when|after|is)\b)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*([-*•·‣▪–—]+|\(?\d{1,2}[.)]|\(?[a-h]\))\s+(?=\S)")
_ENDS = re.compile(r"[.!?:;…。！？][\"'”’)\]]*\s*$")
_SPACE = re.compile(r"\s+")


def lay_out(text: str, *, kind: Kind) -> tuple[Block, ...]:
    """Cut a message into blocks, in order.

    Signatures of a bare name are looked for in tickets only: a survey answer or a call note that
    ends in capitals ends in content.
    """
    lines = text.splitlines()
    marks: list[str | None] = [None] * len(lines)
    _mark_quoted(lines, marks)
    _mark_footers(lines, marks)
    _mark_speakers(lines, marks)
    _mark_signature(lines, marks, bare_names=kind == "ticket")
    return _greet(_blocks(lines, marks), kind)


def _mark_quoted(lines: Sequence[str], marks: list[str | None]) -> None:
    for at, line in enumerate(lines):
        if marks[at] is not None:
            continue
        if _QUOTE_MARK.match(line):
            marks[at] = QUOTED
            continue
        for span in (1, 2):
            if at + span > len(lines):
                break
            if _WROTE.match(" ".join(part.strip() for part in lines[at : at + span])):
                _quote_from(lines, marks, at, span)
                break
        header = _HEADER.match(line) and any(
            _HEADER_NEXT.match(part) for part in lines[at + 1 : at + 4]
        )
        if header or _ORIGINAL.match(line):
            marks[at:] = [QUOTED] * (len(lines) - at)
            return


def _quote_from(lines: Sequence[str], marks: list[str | None], at: int, span: int) -> None:
    marks[at : at + span] = [QUOTED] * span
    rest = at + span
    while rest < len(lines) and not lines[rest].strip():
        rest += 1
    if rest < len(lines) and _QUOTE_MARK.match(lines[rest]):
        return  # marked lines say for themselves how far the quotation goes
    if any(part.strip() for part in lines[:at]):
        marks[at:] = [QUOTED] * (len(lines) - at)  # a reply on top: all below is the old mail
        return
    while rest < len(lines) and lines[rest].strip():
        marks[rest] = QUOTED
        rest += 1


def _mark_footers(lines: Sequence[str], marks: list[str | None]) -> None:
    running = False
    for at, line in enumerate(lines):
        if marks[at] is not None or not line.strip():
            running = False
            continue
        if _DISCLAIMER.search(line) and (len(lines) > 1 or _DISCLAIMER.match(line)):
            running = True
        if running or _DEVICE.match(line):
            marks[at] = BOILERPLATE


def _mark_speakers(lines: Sequence[str], marks: list[str | None]) -> None:
    labelled = any(_CUSTOMER_LABEL.match(line) for line in lines)
    agent = False
    for at, line in enumerate(lines):
        if marks[at] is not None:
            continue
        if _AGENT_LABEL.match(line):
            agent = True
        elif _CUSTOMER_LABEL.match(line) or (not line.strip() and not labelled):
            agent = False
        if agent and line.strip():
            marks[at] = AGENT


def _mark_signature(lines: Sequence[str], marks: list[str | None], *, bare_names: bool) -> None:
    body = [at for at, line in enumerate(lines) if marks[at] is None and line.strip()]
    for place, at in enumerate(body):
        if lines[at].rstrip() in {"--", "—", "-- "} and place > 0:
            for rest in body[place:]:
                marks[rest] = SIGNATURE
            body = body[:place]
            break
    for place in range(max(1, len(body) - _SIGNATURE_LINES), len(body)):
        tail = [lines[at] for at in body[place:]]
        if _is_sign_off(tail[0]) and all(
            len(line.split()) <= _SIGNATURE_WORDS for line in tail[1:]
        ):
            for rest in body[place:]:
                marks[rest] = SIGNATURE
            return
    if not bare_names:
        return
    for count in (3, 2, 1):
        tail_at = body[-count:]
        if len(body) <= count or not all(_is_name(lines[at]) for at in tail_at):
            continue
        if _ENDS.search(lines[body[-count - 1]]) or tail_at[0] - body[-count - 1] > 1:
            for rest in tail_at:
                marks[rest] = SIGNATURE
            return


def _is_sign_off(line: str) -> bool:
    if len(line.split()) > _SIGNATURE_WORDS:
        return False
    found = _SIGN_OFF.match(line.strip())
    return found is not None and (not found["name"].strip() or _is_name(found["name"]))


def _is_name(line: str) -> bool:
    words = [word for word in re.split(r"[\s,/|&+–—-]+", line.strip(" .-–—~*")) if word]
    if not 0 < len(words) <= _NAME_WORDS or not _NAME.match(line.strip()):
        return False
    return all(word[0].isupper() or word.lower() in _SMALL for word in words)


def _blocks(lines: Sequence[str], marks: Sequence[str | None]) -> list[Block]:
    blocks: list[Block] = []
    gap = False
    for line, mark in zip(lines, marks, strict=True):
        if not line.strip():
            gap = True
            continue
        bullet = _BULLET.match(line) if mark is None else None
        label = _CUSTOMER_LABEL.match(line) if mark is None else None
        found = bullet or label
        words = _SPACE.sub(" ", line[found.end() :] if found else line).strip()
        last = blocks[-1] if blocks else None
        joins = last is not None and last.noise == mark and not found
        if last is not None and joins and (mark is not None or _goes_on(last.text, words, gap)):
            blocks[-1] = Block(f"{last.text} {words}", mark, last.opens, last.bullet)
        elif words:
            opens = gap or bullet is not None or not blocks
            blocks.append(Block(words, mark, opens, bullet is not None))
        gap = False
    return blocks


def _goes_on(before: str, line: str, gap: bool) -> bool:
    """Whether a body line continues the one before (wrapped mail) rather than starting anew."""
    if gap or _ENDS.search(before):
        return False
    return len(before) >= _WRAPPED or line[0].islower()


def _greet(blocks: Sequence[Block], kind: Kind) -> tuple[Block, ...]:
    """Mark greetings: at the head of the message, or below a title or another greeting."""
    if kind == "call_note":
        return tuple(blocks)
    greeted: list[Block] = []
    heads = 0
    for block in blocks:
        at_head = block.noise is None and block.opens and not block.bullet and heads < _HEADS
        heads += block.noise is None
        if at_head and _GREETING_LINE.match(block.text):
            greeted.append(Block(block.text, GREETING, opens=True))
        elif at_head and (found := _GREETING_PREFIX.match(block.text)):
            greeted.append(Block(block.text[: found.end()].strip(), GREETING, opens=True))
            greeted.append(Block(block.text[found.end() :], opens=True))
        else:
            greeted.append(block)
    return tuple(greeted)

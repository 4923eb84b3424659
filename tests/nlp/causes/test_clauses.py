"""Causes in customers' own words: what is stated, what is denied, and where it ends."""

from __future__ import annotations

import pytest

from nlp.causes.clauses import find_clauses, may_state_cause
from nlp.language import Language, parse
from nlp.records import Clause


def clauses(language: Language, text: str) -> tuple[Clause, ...]:
    doc = next(parse([text], language=language))
    found = find_clauses(doc, text=text)
    assert all(text[one.start : one.end] == one.text for one in found)
    assert not found or may_state_cause(text)
    return found


@pytest.mark.parametrize(
    ("text", "relation", "cause"),
    [
        ("It crashes because the logo is too big.", "causal", "the logo is too big"),
        ("The PDF breaks because of our new logo.", "causal", "our new logo"),
        ("Payout is late due to an extra check, which nobody explained.", "causal",
         "an extra check"),
        ("The delay was caused by your verification.", "causal", "your verification"),
        ("It went wrong as a result of the migration.", "causal", "the migration"),
        ("Thanks to your update, I cannot log in.", "causal", "your update"),
        ("Since I updated to 4.2, it logs me out.", "temporal", "I updated to 4.2"),
        ("it logs me out since the update", "temporal", "the update"),
        ("Since my account is closed, I cannot sign.", "causal", "my account is closed"),
        ("Ever since the new version it freezes.", "temporal", "the new version"),
        ("After updating the app, everything is gone.", "temporal", "updating the app"),
        ("It signs me out every time I lock my phone.", "temporal", "I lock my phone"),
        ("Whenever I filter a whole year, it hangs.", "temporal", "I filter a whole year"),
        ("The total is wrong when there is a tip.", "temporal", "there is a tip"),
        ("It worked fine until I switched on two-step.", "temporal", "I switched on two-step"),
        ("They moved it so that I cannot find it.", "causal", "They moved it"),
        ("Turns out the template wants US dates.", "causal", "the template wants US dates"),
        ("It was the new logo that broke it.", "causal", None),
        ("The reason is that it takes my own postcode.", "causal", "it takes my own postcode"),
        ("The last update broke my bank feed.", "causal", "The last update"),
        ("I relinked my bank on Monday, and it has been dead since.", "temporal",
         "I relinked my bank on Monday"),
        ("I was told two days, but it took nine.", "expectation", "two days, but it took nine"),
        ("It does not load because of the logo.", "causal", "the logo"),
        ("Not only because of the price did I leave.", "causal", "the price"),
        ("The reason is that my new address was never saved.", "causal",
         "my new address was never saved"),
        ("I want to leave as it has become far too dear.", "causal", "it has become far too dear"),
        ("It fails as the email to confirm my account got lost.", "causal",
         "the email to confirm my account got lost"),
        ("I waited for ages as they were short staffed.", "causal", "they were short staffed"),
        ("It said a mail was on its way, but none came.", "expectation",
         "a mail was on its way, but none came"),
        ("Changing my phone caused it.", "causal", "Changing my phone"),
        ("Maybe I am wrong, but it broke because of the update.", "causal", "the update"),
        ("Every time I try to log in it freezes.", "temporal", "I try to log in"),
        ("I cannot verify as I no longer have my old phone.", "causal",
         "I no longer have my old phone"),
        ("I believe the update broke it.", "causal", "the update"),
        ("They never called, so that's why I am upset.", "causal", "They never called"),
        ("It was the antivirus all along.", "causal", "the antivirus"),
        ("It was my VPN blocking the page.", "causal", "my VPN blocking the page"),
        ("I found out it was Avast.", "causal", "Avast"),
        ("I found out that the problem was the VPN.", "causal", "the VPN"),
        ("Thanks to your update I lost everything.", "causal", "your update"),
        ("It is all gone, thanks to your update.", "causal", "your update"),
        ("I blame the new update for this.", "causal", "the new update"),
        ("I blame it on your staff.", "causal", "your staff"),
        ("The problem is my new router.", "causal", "my new router"),
        ("The problem is with the server.", "causal", "the server"),
        ("The issue was your last update.", "causal", "your last update"),
        ("The culprit is Avast.", "causal", "Avast"),
        ("The source of the problem is the proxy.", "causal", "the proxy"),
        ("I think this comes from the new driver.", "causal", "the new driver"),
        ("It all began with the last update.", "temporal", "the last update"),
        ("The problem started with version 65.", "temporal", "version 65"),
        ("As a result of the migration my mails vanished.", "causal", "the migration"),
        ("After the update of the app this page stops.", "temporal", "the update of the app"),
        ("But every time I try to open the sheet I am unable to edit it.", "temporal",
         "I try to open the sheet"),
        ("It fails because I was abroad.", "causal", "I was abroad"),
        ("Now when I open it, there is no answer.", "temporal", "I open it"),
        ("There are spaces when I click the bar.", "temporal", "I click the bar"),
        ("I use it no longer because of the update.", "causal", "the update"),
        ("IT CRASHES BECAUSE THE LOGO IS TOO BIG", "causal", "THE LOGO IS TOO BIG"),
    ],
)  # fmt: skip
def test_stated_causes(language: Language, text: str, relation: str, cause: str | None) -> None:
    found = clauses(language, text)
    assert [one.relation for one in found] == [relation]
    assert cause is None or found[0].text == cause


@pytest.mark.parametrize(
    "text",
    [
        "It is not because of the logo.",
        "The delay wasn't caused by my bank.",
        "I don't think it is due to my phone.",
        "If it fails because the file is too big, tell me.",
        "Is it because of my phone?",
        "Could it be due to the update?",
        "It might be because of the update.",
        "It has nothing to do with, and was never due to, my phone.",
        "Maybe because of the update.",
        "Maybe it is due to the update, who knows.",
        "Perhaps that was just because of my phone.",
        "I doubt that it is because of the update.",
        "I wonder if this happened because of the update.",
        "Should it be because of the update, please say so.",
        "Had it been caused by my phone, I would know.",
        "I thought it was because of my phone but it was not.",
        "It is no longer because of Avast.",
        "It cannot be because of the update.",
        "It fails rather than because of my phone.",
        "I don't think the problem is my phone.",
        "The problem is not my phone.",
        "The problem is no longer my phone.",
        "I don't blame the nurses.",
        "Is the problem my phone or is the problem the update?",
    ],
)
def test_denied_supposed_and_asked_causes_are_left_out(language: Language, text: str) -> None:
    assert clauses(language, text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "I have been waiting since Monday.",
        "It came after 2 weeks.",
        "She looked after my mother.",
        "When will my card arrive?",
        "Tell me when my card will arrive.",
        "It was the best stay ever.",
        "Many thanks to the nurses.",
        "As you suggested, I tried it.",
        "The payment is due to arrive today.",
        "It is my second card.",
        "The second user is blocked.",
        "The system is drained at the moment and slow.",
        "Because it is.",
        "I ask because I need it.",
        "It fails when I try.",
        "Please answer as soon as possible.",
        "It works as the manual says.",
        "I set it as my default browser and it opens another.",
        "My phone is broken.",
        "I reinstalled it so that I could log in.",
        "I need an export so that I can do my taxes.",
        "The problem is that it does not load.",
        "The problem is the page does not load.",
        "The problem is the page not loading.",
        "The problem is the same.",
        "The only problem was the time it took.",
        "Tell me what the problem is the app has.",
        "I blame myself.",
        "I have data that comes from the server.",
        "I am not sure where it came from.",
        "It started with a blank page.",
        "I realised it was a collection agency.",
        "It is my understanding that I owe nothing.",
        "Special thanks to Ann, Bob and Carl.",
        "I would like to say thanks to the staff.",
        "Lovely from when you arrive to when you leave.",
        "There are times when the video stops.",
        "The after care was excellent.",
        "As it stands I click too often.",
        "It fails because it is so.",
        "The report is ignored, as was the mail I sent.",
        "I have had no medicine since 4th June.",
        "Use it when available.",
        "Nothing of the kind.",
    ],
)
def test_look_alikes_are_no_causes(language: Language, text: str) -> None:
    assert clauses(language, text) == ()


def test_a_clause_has_an_end(language: Language) -> None:
    text = "It broke because " + "the app and " * 60 + "stopped"
    found = clauses(language, text)
    assert len(found) == 1
    assert len(found[0].text.split()) <= 30


def test_clauses_of_a_span_are_numbered_from_its_start(language: Language) -> None:
    text = "I am angry. It broke because of the update."
    doc = next(parse([text], language=language))
    span = doc.char_span(12, len(text))
    assert span is not None
    assert [span.text[c.start : c.end] for c in find_clauses(span)] == ["the update"]


def test_a_parse_of_another_text_is_refused(language: Language) -> None:
    doc = next(parse(["It broke."], language=language))
    with pytest.raises(ValueError, match="the parse is of another text"):
        find_clauses(doc, text="It works.")

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from store.database import open_database, read_scope
from store.decisions import Decision, all_decisions
from store.revision import revision

LOGIN, HOSTILE, BROAD = "T-00000000aa", "T-00000000bb", "T-00000000cc"
CAUSE = "R-00000000aa"
HOSTILE_TEXT = '<script>alert(1)</script> {{ 7*7 }} {% raw %} \u202eevil" onclick="x'
THEME = f"/themes/{LOGIN}/correct"
JUDGED = f"/causes/{CAUSE}/correct"
OWNED = "/owners/accounts_access/correct"
STATEMENT = f"/statements/{quote('desk/001#0', safe='')}/correct"
SPLIT = {
    "kind": "split",
    "label_A": "Early",
    "in_desk/111#0": "A",
    "in_desk/112#0": "",
    "in_desk/113#0": "B",
}
FORMS: list[tuple[str, dict[str, str]]] = [
    (THEME, {"kind": "rename", "label": "Signed out daily"}),
    (THEME, {"kind": "owner", "owner_id": "billing"}),
    (THEME, {"kind": "merge", "into": HOSTILE}),
    (THEME, SPLIT),
    (THEME, {"kind": "dismiss"}),
    (THEME, {"kind": "pin"}),
    (THEME, {"kind": "effort", "effort": "4"}),
    (JUDGED, {"kind": "confirm-cause"}),
    (JUDGED, {"kind": "reject-cause"}),
    (JUDGED, {"kind": "effort", "effort": "0.5"}),
    (OWNED, {"kind": "effort", "effort": "2.5"}),
    (STATEMENT, {"kind": "move", "theme_id": HOSTILE}),
    (STATEMENT, {"kind": "must-link", "other": "desk/002#0"}),
    (STATEMENT, {"kind": "cannot-link", "other": "desk/002#0"}),
]


class Forms(HTMLParser):
    """The forms of a page: where each is sent, and what it says as it stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((found.get("action", ""), {}))
        chosen = found.get("type") != "radio" or "checked" in found
        if tag == "input" and self.forms and "name" in found and chosen:
            self.forms[-1][1][found["name"]] = found.get("value", "")

    def of(self, start: str) -> dict[str, str]:
        return next(said for action, said in self.forms if action.startswith(start))


@pytest.fixture
def asked(run_home: Path) -> Iterator[TestClient]:
    settings = Settings(
        home=run_home, database_url=f"sqlite:///{run_home / 'groundswell.sqlite'}", labels_dir=None
    )
    with TestClient(
        create_app(settings),
        raise_server_exceptions=False,
        follow_redirects=False,
        headers={"accept": "text/html"},
    ) as found:
        yield found


def stored(home: Path) -> tuple[int, list[Decision]]:
    engine = open_database(f"sqlite:///{home / 'groundswell.sqlite'}")
    with read_scope(engine) as session:
        found = (revision(session), all_decisions(session))
    engine.dispose()
    return found


def post(client: TestClient, path: str, fields: dict[str, str], **more: str) -> Any:
    """A form as a browser without scripts sends it: with the token of the page it stands on."""
    token = Forms(client.get(THEME).text).of(THEME)["csrf"]
    return client.post(path, data={"csrf": token, "why": "agreed", **fields, **more})


def confirmation(answer: Any, path: str) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    found = Forms(answer.text).of(path)
    assert found["moment"]
    return found


def keep(client: TestClient, path: str, fields: dict[str, str], **more: str) -> int:
    """The whole way of a correction; its number."""
    found = confirmation(post(client, path, fields, **more), path)
    answer = client.post(path, data=found)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].removeprefix(f"{path}?done="))


@pytest.mark.parametrize(("path", "fields"), FORMS, ids=lambda one: str(one)[:20])
def test_preview_confirm_twice_and_undo(
    asked: TestClient, run_home: Path, path: str, fields: dict[str, str]
) -> None:
    before = stored(run_home)
    preview = post(asked, path, fields)
    found = confirmation(preview, path)
    assert "Nothing is kept yet. Once confirmed, it counts with the next week" in preview.text
    assert "groundswell " not in preview.text
    assert stored(run_home) == before

    kept = [asked.post(path, data=found) for _ in range(2)]
    assert [one.status_code for one in kept] == [303, 303]
    assert len({one.headers["location"] for one in kept}) == 1
    (decision,) = stored(run_home)[1]
    assert (decision.kind, decision.why) == (fields["kind"], "agreed")
    page = asked.get(kept[0].headers["location"])
    assert page.status_code == 200
    assert "<strong>Kept.</strong>" in page.text
    assert "Decided, and not applied yet" in page.text

    undo = Forms(page.text).of(f"/corrections/{decision.id}/undo")
    undone = asked.post(f"/corrections/{decision.id}/undo", data=undo)
    assert (undone.status_code, undone.headers["location"]) == (303, f"{path}?undone={decision.id}")
    assert "<strong>Undone.</strong>" in asked.get(undone.headers["location"]).text
    (decision,) = stored(run_home)[1]
    assert (decision.undone_at is not None, decision.undone_why) == (True, "kept by mistake")

    # The same confirmation once more, from the browser's history, does not bring it back.
    assert asked.post(path, data=found).status_code == 303
    assert len(stored(run_home)[1]) == 1
    again = asked.post(f"/corrections/{decision.id}/undo", data=undo)
    assert again.status_code == 409
    assert "is not in force any more: it was undone" in again.text


def test_the_preview_counts_before_and_after(asked: TestClient) -> None:
    text = post(asked, THEME, {"kind": "merge", "into": HOSTILE}).text
    cells = re.findall(r'<td class="number" data-label="(Now|Then)">([\d,]+)</td>', text)
    assert cells == [("Now", "96"), ("Then", "0"), ("Now", "24"), ("Then", "120")]
    text = post(asked, THEME, {"kind": "effort", "effort": "4"}).text
    assert '<td class="number" data-label="Score then">1.70</td>' in text


def test_what_waits_stands_in_the_preview_as_done(asked: TestClient) -> None:
    keep(asked, THEME, {"kind": "merge", "into": HOSTILE})
    text = post(asked, f"/themes/{HOSTILE}/correct", {"kind": "dismiss"}).text
    cells = re.findall(r'<td class="number" data-label="(Now|Then)">([\d,]+)</td>', text)
    assert cells == [("Now", "0"), ("Then", "120"), ("Now", "120"), ("Then", "0")]


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        (THEME, {"kind": "rename", "label": "x", "why": ""}, "Say why"),
        (THEME, {"kind": "rename", "label": "x", "why": "y" * 1001}, "at most 1,000 characters"),
        (THEME, {"kind": "rename", "label": "x" * 201}, "at most 200 characters"),
        (THEME, {"kind": "rename", "label": "a\x00b"}, "at most 200 characters"),
        (THEME, {"kind": "rename"}, "at most 200 characters"),
        (THEME, {"kind": "owner", "owner_id": ""}, "Choose an owner."),
        (THEME, {"kind": "owner", "owner_id": "nobody"}, "is no owner"),
        (THEME, {"kind": "merge", "into": LOGIN}, "merged into itself"),
        (THEME, {"kind": "merge", "into": "T-9"}, "There is no theme T-9; ids are in the list"),
        (THEME, {"kind": "effort", "effort": "much"}, "a number above 0"),
        (THEME, {"kind": "effort", "effort": "nan"}, "a number above 0"),
        (OWNED, {"kind": "effort", "effort": "-1"}, "a number above 0"),
        (THEME, {"kind": "effort", "effort": "0"}, "a number above 0"),
        (THEME, SPLIT | {"in_desk/113#0": ""}, "examples of at least two parts"),
        (THEME, SPLIT | {"in_desk/000/a#0": "B"}, "does not stand in"),
        (STATEMENT, {"kind": "move", "theme_id": ""}, "Choose a theme."),
        (STATEMENT, {"kind": "must-link", "other": "gone#0"}, "There is no statement gone#0"),
        (STATEMENT, {"kind": "must-link", "other": "desk/001#0"}, "two statements of different"),
    ],
)
def test_an_error_stands_beside_its_form_with_what_was_typed(
    asked: TestClient, run_home: Path, path: str, fields: dict[str, str], says: str
) -> None:
    answer = post(asked, path, fields)
    assert answer.status_code == 422
    (message,) = re.findall(
        r'<p class="wrong" id="([a-z-]+)-wrong" role="alert">(.*?)</p>', answer.text
    )
    assert message[0] == fields["kind"]
    assert says in html.unescape(message[1])
    assert "groundswell " not in answer.text
    sent = Forms(answer.text)
    form = next(said for _, said in sent.forms if said.get("kind") == fields["kind"])
    for field, value in fields.items():
        if field in form and "\x00" not in value:
            assert form[field] == value
    assert stored(run_home)[1] == []


def test_hostile_text_shows_as_text(asked: TestClient) -> None:
    fields = {"kind": "rename", "label": HOSTILE_TEXT, "why": HOSTILE_TEXT}
    preview = post(asked, THEME, fields)
    number = keep(asked, THEME, fields)
    pages = [
        preview.text,
        asked.get(f"{THEME}?done={number}").text,
        asked.get("/corrections").text,
        asked.get(f"/themes/{HOSTILE}/correct").text,
        post(asked, THEME, fields | {"label": HOSTILE_TEXT * 9}).text,
    ]
    for text in pages:
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in text
        assert "<script>alert" not in text
        assert 'evil" onclick' not in text


@pytest.mark.parametrize(
    "path",
    [
        "/themes/T-9/correct",
        "/causes/R-9/correct",
        "/statements/gone%230/correct",
        f"/themes/{LOGIN}/correct?back=/",
        "/corrections?kind=renamed",
        "/corrections?state=gone",
        "/corrections?cursor=x",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(asked: TestClient, path: str) -> None:
    answer = asked.get(path)
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"].startswith("text/html")
    if path.endswith("/correct"):
        assert post(asked, path, {"kind": "rename", "label": "x"}).status_code in {404, 422}


def test_a_form_of_another_page_is_refused(asked: TestClient, run_home: Path) -> None:
    assert post(asked, JUDGED, {"kind": "rename", "label": "x"}).status_code == 422
    assert post(asked, THEME, {}).status_code == 422
    assert stored(run_home)[1] == []


@pytest.mark.parametrize(
    "moment",
    ["soon", "0001-01-01T00:00:00+23:59", dt.timedelta(days=1, minutes=1), dt.timedelta(hours=-1)],
    ids=str,
)
def test_an_old_preview_is_not_confirmed(
    asked: TestClient, run_home: Path, moment: str | dt.timedelta
) -> None:
    if isinstance(moment, dt.timedelta):
        moment = (dt.datetime.now(dt.UTC) - moment).isoformat()
    answer = post(asked, THEME, {"kind": "pin", "moment": moment})
    assert answer.status_code == 422
    assert "look at the new one" in answer.text
    assert stored(run_home)[1] == []


@pytest.mark.parametrize(
    ("back", "goes"),
    [
        (THEME, THEME),
        (STATEMENT, STATEMENT),
        ("https://evil.example/themes/x/correct", "/corrections"),
        ("//evil.example/themes/x/correct", "/corrections"),
        ("/\\evil.example/correct", "/corrections"),
        ("/themes/\r\nset-cookie: a=b/correct", "/corrections"),
        ("/sign-in?next=/themes/x/correct", "/corrections"),
        ("", "/corrections"),
    ],
)
def test_undo_leads_to_our_own_pages_only(asked: TestClient, back: str, goes: str) -> None:
    number = keep(asked, THEME, {"kind": "pin"})
    answer = post(asked, f"/corrections/{number}/undo", {"back": back})
    assert answer.headers["location"] == f"{goes}?undone={number}"


@pytest.mark.parametrize("why", ["", "   ", "x" * 1001, "a\x00b"])
def test_undo_asks_why_and_keeps_what_was_typed(
    asked: TestClient, run_home: Path, why: str
) -> None:
    number = keep(asked, THEME, {"kind": "pin"})
    answer = post(asked, f"/corrections/{number}/undo", {"why": why})
    assert answer.status_code == 422
    assert "Say why" in answer.text
    if "\x00" not in why:
        assert Forms(answer.text).of(f"/corrections/{number}/undo")["why"] == why
    assert stored(run_home)[1][0].undone_at is None
    assert post(asked, "/corrections/99/undo", {}).status_code == 404


def test_the_audit_says_who_when_why_and_what_counts(asked: TestClient) -> None:
    assert "Nobody has corrected anything yet" in asked.get("/corrections").text
    first = keep(asked, THEME, {"kind": "rename", "label": "Blue"}, why="for the sea")
    second = keep(asked, THEME, {"kind": "rename", "label": "Green"}, why="for the trees")
    text = asked.get("/corrections").text
    assert text.index("for the trees") < text.index("for the sea")
    assert f'superseded</span> by <a href="#correction-{second}">' in text
    assert f'id="correction-{first}"' in text
    only = asked.get("/corrections?state=superseded").text
    assert "for the sea" in only
    assert "for the trees" not in only
    assert "No correction is of this kind" in asked.get("/corrections?kind=merge").text


def test_the_audit_is_paged(asked: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.audit_pages._ROWS", 2)
    for label in ("Blue", "Green", "Red"):
        keep(asked, THEME, {"kind": "rename", "label": label})
    text = asked.get("/corrections?kind=rename").text
    (href,) = re.findall(r'<a href="(\?[^"]+)" rel="next">', text)
    assert "kind=rename" in href
    rest = asked.get(f"/corrections{html.unescape(href)}").text
    assert ("“Blue”" in rest, "“Red”" in rest) == (True, False)


def test_a_broad_theme_offers_what_can_be_done_to_it(asked: TestClient) -> None:
    kinds = {
        said.get("kind") for _, said in Forms(asked.get(f"/themes/{BROAD}/correct").text).forms
    }
    assert kinds - {None} == {"rename", "owner", "effort", "pin"}


def test_before_the_first_week_there_is_nothing_to_correct(empty: TestClient) -> None:
    assert empty.get(THEME).status_code == 404
    assert "Nobody has corrected anything yet" in empty.get("/corrections").text


def test_theme_cause_and_statement_lead_to_their_forms(asked: TestClient) -> None:
    page = asked.get(f"/themes/{LOGIN}").text
    assert f'href="{THEME}"' in page
    (link, *_) = re.findall(r'href="(/statements/[^"]+/correct)"', page)
    assert asked.get(link).status_code == 200
    assert f'href="{JUDGED}"' in asked.get(f"/causes/{CAUSE}").text


def test_pages_say_what_waits_for_the_next_run(asked: TestClient) -> None:
    assert "not applied yet" not in asked.get(f"/themes/{LOGIN}").text
    keep(asked, THEME, {"kind": "rename", "label": "Signed out daily"})
    keep(asked, JUDGED, {"kind": "confirm-cause"})
    assert "“Signed out daily”" in asked.get(f"/themes/{LOGIN}").text
    assert "pplies with the next run" in asked.get(f"/causes/{CAUSE}").text


def test_each_effort_leads_to_its_form(asked: TestClient) -> None:
    link = f'href="/themes/{LOGIN}/correct#effort"'
    for page in ("/", f"/themes/{LOGIN}", "/owners/accounts_access"):
        assert link in asked.get(page).text, page
    assert 'id="effort"' in asked.get(THEME).text
    assert f'href="{OWNED}"' in asked.get("/owners/accounts_access").text
    assert (
        "/correct"
        not in asked.get("/owners/gone").text.partition('id="numbers"')[2].partition("<h2")[0]
    )


def test_an_owners_effort_counts_for_what_has_none_of_its_own(
    asked: TestClient, run_home: Path
) -> None:
    text = post(asked, OWNED, {"kind": "effort", "effort": "4"}).text
    assert '<td class="number" data-label="Score then">1.70</td>' in text
    assert "<dt>effort now</dt><dd><bdi>1</bdi></dd>" in text
    keep(asked, THEME, {"kind": "effort", "effort": "2"})
    text = post(asked, OWNED, {"kind": "effort", "effort": "4"}).text
    assert 'data-label="Score then">3.40</td>' in text  # its own effort, set since, stays
    keep(asked, OWNED, {"kind": "effort", "effort": "4"})
    page = asked.get(OWNED).text
    assert "It is <strong>4</strong> now" in page
    assert "1 other has an effort of its own" in page
    assert "Decided, and not applied yet" in page
    audit = asked.get("/corrections?theme=accounts_access").text
    assert 'the owner <a href="/owners/accounts_access">' in audit
    assert "Set the effort of all of" in audit
    assert [one.theme_id for one in stored(run_home)[1]] == [LOGIN, "accounts_access"]


def test_only_an_owner_of_the_labels_has_an_effort(asked: TestClient) -> None:
    assert asked.get("/owners/gone/correct").status_code == 404
    assert post(asked, "/owners/gone/correct", {"kind": "effort", "effort": "4"}).status_code == 404

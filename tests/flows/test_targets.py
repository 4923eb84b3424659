from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.targets import Target, find_targets, masked, split_urls
from labels.schema import PACKAGED, Labels, LabelsError, load

MAIL = "mailtos://user:s3cret@smtp.example.com?to=a@example.com,b@example.com"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"


@pytest.mark.parametrize(
    "text",
    [
        f"{MAIL} {SLACK}",
        f"{MAIL},{SLACK}",
        f"{MAIL}, {SLACK},",
        f"\n  {MAIL}\n\t{SLACK}\n",
        f"{MAIL} , {SLACK}",
    ],
)
def test_urls_are_separated_by_blanks_and_commas_a_comma_inside_stays(text: str) -> None:
    assert split_urls(text) == (MAIL, SLACK)


@pytest.mark.parametrize("text", ["", "  \n", ","])
def test_no_url_is_none(text: str) -> None:
    assert split_urls(text) == ()


def _labels(tmp_path: Path, deliver: str) -> Labels:
    text = (PACKAGED / "owners.yaml").read_text(encoding="utf-8")
    line = "contact: billing@example.com\n"
    assert text.count(line) == 1
    (tmp_path / "owners.yaml").write_text(text.replace(line, f"{line}    deliver: {deliver}\n"))
    return load(tmp_path)


def test_owners_get_theirs_by_url_or_by_the_name_of_a_variable(tmp_path: Path) -> None:
    labels = _labels(tmp_path, "[BILLING_CHATS, 'json://127.0.0.1/hook']")
    environment = {"BILLING_CHATS": f"{SLACK} json://127.0.0.1/other"}
    found, problems = find_targets([MAIL], labels, environment=environment)
    assert problems == ()
    assert [(one.owner_id, one.url) for one in found] == [
        ("", MAIL),
        ("billing", "json://127.0.0.1/other"),
        ("billing", SLACK),
        ("billing", "json://127.0.0.1/hook"),
    ]


def test_whom_it_is_sent_to_changes_no_result(tmp_path: Path) -> None:
    assert _labels(tmp_path, "[BILLING_CHATS]").digest == load(None).digest


def test_a_wrong_entry_is_told_by_its_place_and_keeps_no_other_back(tmp_path: Path) -> None:
    labels = _labels(tmp_path, "[BILLING_CHATS, 'json://127.0.0.1/hook', hunter22]")
    found, problems = find_targets([MAIL, "hunter22", SLACK], labels, environment={})
    assert [one.url for one in found] == [MAIL, SLACK, "json://127.0.0.1/hook"]
    assert len(problems) == 3
    assert (
        "owners.yaml: billing: deliver (entry 1) names the variable BILLING_CHATS, which is"
        in (problems[0])
    )
    assert "GROUNDSWELL_DELIVER (address 2)" in problems[1]
    assert "owners.yaml: billing: deliver (entry 3)" in problems[2]


@pytest.mark.parametrize("url", ["hunter22", "mailto:hunter22", "json://[hunter22", "://hunter22"])
def test_what_is_no_address_is_told_by_its_place_never_itself(url: str) -> None:
    found, (problem,) = find_targets([url], load(None))
    assert found == ()
    assert "GROUNDSWELL_DELIVER" in problem
    assert "hunter22" not in problem


def test_wrong_labels_do_not_repeat_an_address(tmp_path: Path) -> None:
    with pytest.raises(LabelsError) as caught:
        _labels(tmp_path, "json://ana:hunter22@127.0.0.1")
    assert "expects a list" in str(caught.value)
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("json://u:a@h/p", "json://u:b@h/p", True),
        ("json://u:a@h/p", "json://v:a@h/p", False),
        ("json://h/p?pass=a", "json://h/p?pass=b", True),
        ("json://h/p?+X-Key=a", "json://h/p?+X-Key=b", True),
        ("json://h/p?method=a", "json://h/p", True),  # how, not where
        ("json://h/p?format=text&overflow=split", "json://h/p?verify=no&rto=9", True),
        ("json://h/p?-team=a", "json://h/p?-team=b", False),  # a part of the webhook's own address
        ("json://h/p?-token=a", "json://h/p?-token=b", True),
        ("json://h/p", "json://h/q", False),
        ("mmost://h/T?channel=a", "mmost://h/T?channel=b", False),
        ("mmost://h/T?channel=a,b", "mmost://h/T?channel=b%20a", True),
        ("json://h/p", "jsons://h/p", False),
        ("slack://A/B/C", "slack://A/B/D", False),
        ("slack://A/B/C/#general", "slack://A/B/C/#random", False),
        ("tgram://1:a@h/9", "tgram://1:b@h/9", True),
    ],
)
def test_an_address_is_the_same_but_for_its_password(one: str, other: str, *, same: bool) -> None:
    places = {Target(url, "", "").place_but_for([]) for url in (one, other)}
    assert (len(places) == 1) == same


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("mmost://h/T?channels=a,b", ["a", "b"]),
        ("slack://T/#a/#b", ["#a", "#b"]),
        ("slack://T/?to=%23a&channel=b", ["#a", "#b"]),
        ("tgram://T/a/b:5", ["a", "b:5"]),
    ],
)
def test_whom_an_address_lists_is_no_part_of_the_place(url: str, names: list[str]) -> None:
    scheme, _, rest = url.partition("://")
    place = f"{scheme}://{rest.partition('/')[0]}"
    assert Target(url, "", "").place_but_for(names).startswith(place)
    assert Target(url, "", "").place_but_for(names) == (
        Target(url.partition("?")[0].partition("/#")[0].partition("/a")[0], "", "").place_but_for(
            []
        )
    )


SECRET = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789_-", min_size=8, max_size=20)


@given(SECRET, SECRET, SECRET, SECRET)
def test_no_part_of_an_address_passes_the_mask(
    user: str, password: str, path: str, value: str
) -> None:
    url = f"slack://{user}:{password}@{path}/{value}/x?+Authorization={value}%20{user}&pass={password}"
    said = f"POST {url} failed: {password} for {user} at {path}, {value}, {value} {user}"
    shown = masked(said, url)
    for secret in (user, password, path, value):
        # A short secret may stand in the words around it.
        assert secret not in shown.replace("failed", "").replace("POST", "")


def test_what_stands_behind_a_channel_is_masked_too() -> None:
    said = "no hunter22 in s3cretpath"
    assert masked(said, "slack://s3cretpath/#general?token=hunter22") == "no *** in ***"


def test_a_host_may_be_told_a_token_in_its_place_may_not() -> None:
    hook = "json://ana:hunter22@hooks.example.com/s3cretpath"
    assert masked("error at hooks.example.com for hunter22", hook) == (
        "error at hooks.example.com for ***"
    )
    assert "T1JJ3T3L2" not in masked("error at T1JJ3T3L2", SLACK)


def test_an_address_does_not_show_itself() -> None:
    assert "s3cret" not in repr(find_targets([MAIL], load(None)))

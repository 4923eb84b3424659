"""Letters as they arrive: a mail server and services on the loopback address."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from flows.delivering import message_of
from flows.sending import Message, routes_of, send
from flows.targets import Target, TargetError
from report.build import build_report
from report.document import to_json
from report.week_letter import week_letter
from service.documents import Package
from tests.report.conftest import HOSTILE_TEXT, inputs

SERVER = "https://groundswell.example.com"


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks just enough SMTP; `refused` are recipients it does not know."""

    allow_reuse_address = True
    daemon_threads = True
    got: list[tuple[str, EmailMessage]]
    refused: set[str]


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        to = ""
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                self._say("550 unknown" if to in self.server.refused else "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part[1:] if part.startswith(b"..") else part)
                found = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                assert isinstance(found, EmailMessage)
                self.server.got.append((to, found))
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer(("127.0.0.1", 0), _Session)
    server.got, server.refused = [], set()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def package() -> Package:
    report = build_report(**inputs())
    return Package(report, week_letter(report), to_json(report))


def _mailto(server: MailServer, to: str) -> Target:
    port = server.server_address[1]
    url = f"mailto://127.0.0.1:{port}?from=groundswell@example.com&to={to}"
    return Target(url, "", "test")


def test_a_mail_arrives_whole(mail_server: MailServer, package: Package) -> None:
    (route,) = routes_of(_mailto(mail_server, "lead@example.com"))
    assert (route.form, route.told) == ("mail", "mailto: lead@example.com")
    done = send(route, message_of(package, route, server=SERVER))
    assert done.status == "sent", done.error
    ((to, found),) = mail_server.got
    assert to == "lead@example.com"
    assert found["Subject"] == "Customer feedback, week 2026-W47"
    assert found.get_content_type() == "multipart/related"
    html = found.get_body(("html",))
    text = found.get_body(("plain",))
    assert html is not None
    assert text is not None
    page = html.get_content()
    assert f'href="{SERVER}/weeks/2026-W47"' in page
    assert "<script>" not in page
    assert HOSTILE_TEXT.partition(" {{")[0] in text.get_content()
    images = {part["Content-ID"]: part for part in found.walk() if part["Content-ID"]}
    assert len(images) >= 3
    for name, part in images.items():
        assert part.get_content_type() == "image/png"
        assert part.get_content_disposition() == "inline"
        assert f"cid:{name.strip('<>')}" in page
        assert part.get_content().startswith(b"\x89PNG")
    assert page.count("<img") >= len(images)


def test_each_recipient_is_written_to_by_itself(mail_server: MailServer, package: Package) -> None:
    """One who cannot be reached is written to again alone: nobody gets a second copy."""
    mail_server.refused = {"gone@example.com"}
    routes = routes_of(_mailto(mail_server, "lead@example.com,gone@example.com"))
    assert len({route.identity for route in routes}) == 2
    ends = {r.told: send(r, message_of(package, r, server="")).status for r in routes}
    assert ends == {"mailto: lead@example.com": "sent", "mailto: gone@example.com": "failed"}
    assert [to for to, _ in mail_server.got] == ["lead@example.com"]


def _sent(target: Target, package: Package) -> dict[str, str]:
    return {
        route.identity: send(route, message_of(package, route, server="")).status
        for route in routes_of(target)
    }


@pytest.mark.parametrize("form", ["html", "text"])
def test_a_copy_is_a_recipient_like_the_others(
    mail_server: MailServer, package: Package, form: str
) -> None:
    """Or who gets a copy would get one of each letter, and hide that another got none."""
    mail_server.refused = {"gone@example.com"}
    to = "gone@example.com,lead@example.com&cc=Boss%20<boss@example.com>,lead@example.com"
    done = _sent(_mailto(mail_server, f"{to}&bcc=dark@example.com&format={form}"), package)
    assert done == {
        "mail to gone@example.com": "failed",
        "mail to lead@example.com": "sent",
        "mail to boss@example.com": "sent",
        "mail to dark@example.com": "sent",
    }
    assert sorted(to for to, _ in mail_server.got) == [
        "boss@example.com",
        "dark@example.com",
        "lead@example.com",
    ]
    assert all("dark" not in str(found["Cc"]) for _, found in mail_server.got)


def test_who_gets_a_copy_reads_to_whom_it_is_written(
    mail_server: MailServer, package: Package
) -> None:
    """All get the same letter, once: each by itself, so that one who is refused is told of."""
    mail_server.refused = {"gone@example.com"}
    to = "lead@example.com&cc=Boss%20<boss@example.com>,gone@example.com&bcc=dark@example.com"
    done = _sent(_mailto(mail_server, to), package)
    assert done.pop("mail to gone@example.com") == "failed"
    assert set(done.values()) == {"sent"}
    got = dict(mail_server.got)
    assert len(got) == len(mail_server.got)
    assert set(got) == {"lead@example.com", "boss@example.com", "dark@example.com"}
    for letter in got.values():
        assert letter["To"] == "lead@example.com"
        copies = {one.addr_spec for one in letter["Cc"].addresses}
        assert copies == {"boss@example.com", "gone@example.com"}
        assert letter["Bcc"] is None


def test_after_a_letter_with_copies_others_go_to_all_their_own(
    mail_server: MailServer, package: Package
) -> None:
    _sent(_mailto(mail_server, "lead@example.com&cc=boss@example.com"), package)
    mail_server.got.clear()
    _sent(_mailto(mail_server, "ana@example.com,ben@example.com"), package)
    assert [(to, found["To"]) for to, found in mail_server.got] == [
        ("ana@example.com", "ana@example.com"),
        ("ben@example.com", "ben@example.com"),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "sendgrid://abcdefgh:from@example.com/lead@example.com",
        "mailgun://user@mg.example.com/abcdefghij/lead@example.com",
        f"ses://user@example.com/{'A' * 20}/{'b' * 40}/eu-west-1/lead@example.com",
    ],
)
def test_a_mail_that_cannot_carry_images_tells_the_numbers(url: str, package: Package) -> None:
    (route,) = routes_of(Target(url, "", ""))
    assert route.form == "mail"
    message = message_of(package, route, server=SERVER)
    assert message.images == ()
    assert "<img" not in message.body
    assert "data:" not in message.body
    assert "customers a week, " in message.body
    assert "(highest " in message.body


@pytest.mark.parametrize(
    "other",
    [
        "mailtos://ana:pass@smtp.example.com:2525?to=Lead@Example.com,new@example.com&cc=c@example.com",
        "mailto://smtp.example.com/lead@example.com?from=b@example.com&mode=insecure&format=text",
        "sendgrid://abcdefgh:from@example.com/lead@example.com",
    ],
)
def test_a_mailbox_is_the_same_however_it_is_written_to(
    mail_server: MailServer, other: str
) -> None:
    (route,) = routes_of(_mailto(mail_server, "lead@example.com"))
    assert route.identity in {one.identity for one in routes_of(Target(other, "", ""))}


def _identities(url: str) -> set[str]:
    return {route.identity for route in routes_of(Target(url, "", ""))}


@pytest.mark.parametrize(
    ("one", "more"),
    [
        ("mmost://h/3ccdd1134747?channels=a", "mmost://h/3ccdd1134747?channels=a,b&image=no"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#a",) * 2,
        (
            "tgram://123456789:abcdefg_hijklmnop/111",
            "tgram://123456789:abcdefg_hijklmnop/111/222:7",
        ),
        ("matrix://u:p@h/#a", "matrix://u:q@h/#b/#a?format=text"),
        ("ntfy://127.0.0.1/a", "ntfy://127.0.0.1/a/b?priority=high"),
    ],
)
def test_one_channel_more_makes_the_others_no_other(one: str, more: str) -> None:
    more = f"{more}/#b" if one == more else more
    assert len(_identities(one)) == 1
    assert len(_identities(more)) == 2
    assert _identities(one) < _identities(more)


def test_a_service_that_cannot_write_to_one_only_is_not_tried_again(
    chat: Chat, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have reached some of them."""
    monkeypatch.setattr("apprise.plugins.base.NotifyBase.throttle", lambda *_, **__: None)
    chat.missing = {"@dana"}
    url = f"rocket://{'a' * 16}/{'b' * 32}@127.0.0.1:{chat.port}/#general/@dana?mode=webhook"
    assert list(_sent(Target(url, "", ""), package).values()) == ["unknown"]


def test_each_channel_is_written_to_by_itself(chat: Chat, package: Package) -> None:
    chat.missing = {"b"}
    url = f"mmost://127.0.0.1:{chat.port}/3ccdd113474722377935511fc85d3dd4?channels=a,b,c"
    assert sorted(_sent(Target(url, "", ""), package).values()) == ["failed", "sent", "sent"]
    assert sorted(str(one["channel"]) for one in chat.got) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *((code, "unknown") for code in (408, 502, 504)),
        *((code, "failed") for code in (400, 404, 500, 503)),
    ],
)
def test_a_server_in_between_that_lost_the_answer_leaves_it_open(
    chat: Chat, code: int, status: str
) -> None:
    chat.code = code
    (route,) = routes_of(Target(f"json://127.0.0.1:{chat.port}/hook", "", ""))
    assert send(route, Message("title", "{}")).status == status


class Chat(HTTPServer):
    """Keeps what is posted; there is no channel of those `missing`."""

    got: list[dict[str, object]]
    missing: set[str]
    code: int

    @property
    def port(self) -> int:
        return self.server_port


class _Chat(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.got.append(body)
        self.send_response(404 if body.get("channel") in self.server.missing else self.server.code)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def chat() -> Iterator[Chat]:
    server = Chat(("127.0.0.1", 0), _Chat)
    server.got, server.missing, server.code = [], set(), 200
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_chat_gets_one_short_message_with_the_way_to_the_rest(
    chat: Chat, package: Package
) -> None:
    (route,) = routes_of(
        Target(f"mmost://127.0.0.1:{chat.port}/3ccdd113474722377935511fc85d3dd4", "", "")
    )
    assert route.form == "markdown"
    assert route.limit == 4000
    assert "3ccdd113" not in route.told
    message = message_of(package, route, server=SERVER)
    assert send(route, message).status == "sent"
    assert len(chat.got) == 1
    text = str(chat.got[0]["text"])
    assert "# Customer feedback, week 2026-W47" in text
    assert f"{SERVER}/weeks/2026-W47" in text
    assert "<script>" not in text


@pytest.mark.parametrize(
    ("url", "form", "limit"),
    [
        ("json://127.0.0.1/hook", "json", None),
        ("mailto://127.0.0.1?from=a@example.com&to=b@example.com", "mail", None),
        ("mailto://127.0.0.1?from=a@example.com&to=b@example.com&format=text", "text", None),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", "text", 35_000),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "text", 2000),
        ("ntfy://groundswell", "text", 7800),
    ],
)
def test_each_service_gets_the_form_it_shows(url: str, form: str, limit: int | None) -> None:
    (route,) = routes_of(Target(url, "", ""))
    assert route.form == form
    assert limit is None or route.limit == limit


@pytest.mark.parametrize("url", ["nosuch://hunter22", "slack://hunter22", "mailto://"])
def test_an_address_that_is_not_understood_says_where_it_stands(url: str) -> None:
    with pytest.raises(TargetError, match=r"owners.yaml: .*apprise does not understand") as caught:
        routes_of(Target(url, "", "owners.yaml: billing"))
    assert "hunter22" not in str(caught.value)


def test_nobody_there_is_a_failure_not_a_doubt() -> None:
    (route,) = routes_of(Target("json://ana:hunter22@127.0.0.1:1/s3cretpath", "", ""))
    done = send(route, Message("title", "{}"))
    assert done.status == "failed"
    assert done.error
    assert "hunter22" not in done.error
    assert "s3cretpath" not in done.error

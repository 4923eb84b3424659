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


class _Chat(BaseHTTPRequestHandler):
    got: list[dict[str, object]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append(json.loads(body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def chat() -> Iterator[tuple[int, list[dict[str, object]]]]:
    got: list[dict[str, object]] = []
    server = HTTPServer(("127.0.0.1", 0), type("Chat", (_Chat,), {"got": got}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.server_port, got
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_chat_gets_one_short_message_with_the_way_to_the_rest(
    chat: tuple[int, list[dict[str, object]]], package: Package
) -> None:
    port, got = chat
    (route,) = routes_of(
        Target(f"mmost://127.0.0.1:{port}/3ccdd113474722377935511fc85d3dd4", "", "")
    )
    assert route.form == "markdown"
    assert route.limit == 4000
    assert "3ccdd113" not in route.told
    message = message_of(package, route, server=SERVER)
    assert send(route, message).status == "sent"
    assert len(got) == 1
    text = str(got[0]["text"])
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

"""What a stranger's page, or a stranger's request, gets from the real screens: nothing."""

import socket
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import httpx
import pytest

from tests.kiosk_ui.standin import Office

SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"


@pytest.fixture(scope="module")
def url(program: tuple[str, Office]) -> str:
    return program[0]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 200), ({"Origin": "own"}, 200), ({"Origin": "http://evil.net"}, 403), ({"Host": "rebound.example.net"}, 421)],
)
def test_the_pages_socket_opens_for_own_pages_only(url: str, headers: dict[str, str], status: int) -> None:
    asked = {name: url if value == "own" else value for name, value in headers.items()}
    answer = httpx.get(url + SOCKET, headers=asked)
    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") in (None, asked.get("Origin"))


def test_the_cookie_is_for_this_server_s_pages_and_no_script(url: str) -> None:
    answer = httpx.get(f"{url}/kiosk", follow_redirects=True)
    cookie = SimpleCookie(answer.headers.get("set-cookie", ""))["anchang_screens"]
    assert (cookie["httponly"], cookie["samesite"].lower(), cookie["domain"]) == (True, "strict", "")


@pytest.mark.parametrize(
    "target",
    [
        "/_nicegui/../../../../etc/passwd",
        "/_nicegui/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/_nicegui/static/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/anchang/%2e%2e%5c%2e%2e/secret",
        "//etc/passwd",
        "/%00",
        "http://evil.net/kiosk",
        "http://127.0.0.1@evil.net/",
        "*",
        "/" + "a/" * 3000,
    ],
)
def test_a_tricky_path_leads_nowhere(url: str, target: str) -> None:
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=5) as line:
        line.sendall(f"GET {target} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n".encode())
        head = b""
        while chunk := line.recv(65536):
            head += chunk
    status = int(head.split(b" ", 2)[1])
    assert status in (307, 400, 404) and b"root:" not in head

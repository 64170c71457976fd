"""The real screens program in a process of its own, a stand-in gateway behind it, and a real Chromium in front."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.kiosk_ui.faces import KIOSK_TOKEN, PHONE_TOKEN
from tests.kiosk_ui.standin import Office, serving
from tests.support.browser import chromium
from tests.support.processes import free_port, until


@dataclass
class Screens:
    url: str
    office: Office
    browser: Browser
    shared: BrowserContext

    def open(self, path: str, *, width: int = 1080, height: int = 1920, own: bool = False) -> "Screen":
        """A page; `own` gives it a browser profile of its own, for a second person or a clock that is moved."""
        page = (self.browser.new_context(has_touch=True) if own else self.shared).new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.goto(self.url + path)
        return Screen(page)


@dataclass
class Screen:
    page: Page

    def at(self, name: str) -> Locator:
        """The element with this `data-test` name."""
        return self.page.locator(f'[data-test="{name}"]')

    def field(self, name: str) -> Locator:
        """What is typed into, of the field with this name."""
        return self.page.locator(
            ", ".join(f'[data-test="{name}"] {kind}, {kind}[data-test="{name}"]' for kind in ("input", "textarea"))
        ).first

    def press(self, digits: str, *, pad: str = "key") -> None:
        for digit in digits:
            self.page.locator(f'[data-ready] [data-test="{pad}-{digit}"]').click()


def write_config(folder: Path, gateway: str, port: int) -> Path:
    secrets = {"secret": "s" * 40, "kiosk": KIOSK_TOKEN, "board": KIOSK_TOKEN, "phone": PHONE_TOKEN}
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    file = folder / "screens.toml"
    file.write_text(
        f'port = {port}\nstorage_secret_file = "{folder}/secret"\n[gateway]\nurl = "{gateway}"\n'
        f'kiosk_token_file = "{folder}/kiosk"\nboard_token_file = "{folder}/board"\n'
        '[project]\nname_zh = "云栖湖岸"\nname_en = "Yunqi Lakeside"\n'
        f'[demo]\nphone_token_file = "{folder}/phone"\n'
    )
    return file


@contextmanager
def screens_program(config: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The program, answering. Whoever kills it has ended it well."""
    process = subprocess.Popen([sys.executable, "-m", "kiosk_ui", "--config", str(config)])
    try:
        until(lambda: _answers(url), seconds=30, what="the screens to answer")
        yield process
    finally:
        killed = process.poll() is not None
        process.terminate()
        assert process.wait(15) == (-signal.SIGKILL if killed else 0)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Office]]:
    office, port = Office(), free_port()
    folder = tmp_path_factory.mktemp("screens")
    with serving(office) as gateway:
        url = f"http://127.0.0.1:{port}"
        with screens_program(write_config(folder, gateway, port), url):
            yield url, office


@pytest.fixture(scope="module")
def running(program: tuple[str, Office]) -> Iterator[Screens]:
    """A browser for one module: its event loop would be in the way of the asynchronous tests of others."""
    url, office = program
    with chromium() as browser:
        yield Screens(url, office, browser, browser.new_context(has_touch=True))


@pytest.fixture
def screens(running: Screens) -> Iterator[Screens]:
    running.office.begin_again()
    yield running
    for context in running.browser.contexts:
        if context is not running.shared:
            context.close()
    for page in running.shared.pages:
        page.close()
    running.shared.clear_cookies()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.HTTPError:
        return False

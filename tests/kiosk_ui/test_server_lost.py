"""A page whose own server is gone says so by itself, in both languages, and goes on when the server is back."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.kiosk_ui.conftest import screens_program, write_config
from tests.kiosk_ui.standin import Office, serving
from tests.support.browser import chromium
from tests.support.processes import free_port

pytestmark = pytest.mark.browser
WORDS = {"/kiosk": "请到前台", "/tablet": "恢复后自动继续", "/reception": "恢复后自动继续"}


def test_every_page_says_that_it_reconnects_and_goes_on_by_itself(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serving(Office()) as gateway, chromium() as browser:
        config, context = write_config(tmp_path, gateway, port), browser.new_context()
        with screens_program(config, url) as process:
            pages = {path: context.new_page() for path in WORDS}
            for path, page in pages.items():
                page.goto(url + path)
                page.wait_for_function("window.socket?.connected && window.did_handshake")
                expect(page.locator("#ac-lost")).to_have_count(0)
            process.kill()
            process.wait()
            for path, page in pages.items():
                note = page.locator('[data-test="server-lost"]')
                expect(note).to_be_visible(timeout=5_000)
                expect(note).to_contain_text("正在重新连接")
                expect(note).to_contain_text(WORDS[path])
                expect(note).to_contain_text("Reconnecting")
            expect(pages["/kiosk"].locator("#ac-lost")).to_contain_text("reception desk")
        with screens_program(config, url):
            for page in pages.values():
                expect(page.locator("#ac-lost")).to_have_count(0, timeout=20_000)
                page.wait_for_function("window.did_handshake")

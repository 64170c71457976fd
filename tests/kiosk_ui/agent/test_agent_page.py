"""The agent's page on a telephone, in a real Chromium, drawn by the real program from a central over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from contracts.rest import SessionRequest
from contracts.values import utc_now
from tests.kiosk_ui.agent.central import HAN, ZHOU, AgentCentral, a_registration, a_verdict
from tests.kiosk_ui.servers import serving
from tests.support.browser import chromium
from tests.support.processes import Program, free_port, until

pytestmark = pytest.mark.browser


@dataclass
class Screens:
    url: str
    central: AgentCentral


@pytest.fixture
def screens(tmp_path: Path) -> Iterator[Screens]:
    (tmp_path / "storage").write_text("x" * 32)
    central, port = AgentCentral(), free_port()
    with serving(central.app()) as central_port:
        config = tmp_path / "screens.toml"
        config.write_text(
            f'port = {port}\nstorage_secret_file = "{tmp_path}/storage"\n'
            f'[central]\nurl = "http://127.0.0.1:{central_port}"\n'
        )
        url = f"http://127.0.0.1:{port}"
        arguments = ["-m", "kiosk_ui", "--config", str(config)]
        program = Program("screens", arguments, log=tmp_path / "screens.log", health=f"{url}/healthz")
        program.start()
        try:
            yield Screens(url, central)
        finally:
            program.stop()


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page(viewport={"width": 390, "height": 844})


def sign_in(page: Page, address: str, who: SessionRequest = HAN) -> None:
    page.goto(address)
    page.locator('input[data-test="staff-no"]').fill(who.staff_no)
    for digit in who.pin:
        page.locator(f'[data-ready] [data-test="pin-{digit}"]').click()
    page.locator('[data-test="sign-in"]').click()


def test_an_agent_registers_shows_a_fresh_code_and_reads_what_was_decided(screens: Screens, page: Page) -> None:
    central = screens.central
    sign_in(page, f"{screens.url}/agent?lang=en", ZHOU)
    expect(page.locator('[data-test="signin-error"]')).to_have_text("This page is for agencies' agents only")
    assert central.tokens == set()

    central.lives = 1
    sign_in(page, f"{screens.url}/agent?lang=en")
    expect(page.locator('[data-test="agent-channel"]')).to_have_text("安居渠道")
    expect(page.locator('[data-test="agent-empty"]')).to_be_visible()
    expect(page.locator('[data-test="agent-qr"] svg')).to_be_visible()
    shown = len(central.codes)
    until(lambda: len(central.codes) > shown, seconds=10, what="the code to be renewed by itself")
    expect(page.locator('[data-test="agent-qr-place"]')).to_have_text("云栖湖岸 · all projects")
    page.locator('[data-test="agent-place"]').click()
    page.locator(".q-menu .q-item", has_text="云栖湖岸一期").click()
    expect(page.locator('[data-test="agent-qr-place"]')).to_have_text("云栖湖岸 · 云栖湖岸一期")
    assert ".YUNQI.HU." in central.codes[-1].upper()

    number = page.locator('input[data-test="agent-number"]')
    send, said = page.locator('[data-test="agent-register"]'), page.locator('[data-test="agent-said"]')
    number.fill("12")
    send.click()
    expect(said).to_contain_text("Not a number we can read")
    number.fill("138****8000")
    send.click()
    expect(said).to_contain_text("Accepted at")
    number.fill("138****8000")
    send.click()
    expect(said).to_contain_text("extends nothing")
    expect(page.locator('[data-test="agent-registration"]')).to_have_count(2)
    assert len(set(central.keys)) == 3

    now = utc_now()
    lost = a_verdict(
        now, outcome="lost", reason="later_claim", others=[now], may_appeal=True, appeal_until=now + timedelta(days=7)
    )
    central.rows = [a_registration(now, verdicts=[lost])]
    page.reload()
    verdict = page.locator('[data-test="agent-verdict"]')
    expect(verdict).to_contain_text("Not given to your agency")
    expect(verdict).to_contain_text("1 other claims")
    expect(page.locator('[data-test="agent-clock"]')).to_contain_text("UTC+06:00")
    channel = page.locator('[data-test="agent-channel"]')
    assert channel.evaluate("e => e.scrollWidth <= e.clientWidth"), "the agency's name is cut off"

    page.locator('[data-test="agent-appeal"]').click()
    page.locator('[data-test="appeal-send"]').click()
    expect(page.locator('[data-test="appeal-error"]')).to_have_text("Please say why you appeal")
    page.locator('textarea[data-test="appeal-text"]').fill("I brought them to the door")
    page.locator('[data-test="appeal-send"]').click()
    expect(page.locator('[data-test="agent-appeal-state"]')).to_contain_text("I brought them to the door")
    assert [each.verdict_id for each in central.appeals] == [lost.verdict_id]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator('[data-test="agent-sign-out"]').click()
    expect(page.locator('[data-test="signin"]')).to_be_visible()
    assert central.tokens == set()

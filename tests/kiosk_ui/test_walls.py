"""Board, console and doors in a real Chromium, drawn by the real program from servers over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from contracts.values import utc_now
from tests.kiosk_ui.floors import consultant, floor, visit
from tests.kiosk_ui.servers import BOARD_TOKEN, ZHOU, CentralServer, FloorServer, serving
from tests.support.browser import chromium
from tests.support.processes import Program, free_port

pytestmark = pytest.mark.browser


@dataclass
class Walls:
    url: str
    gateway: FloorServer
    central: CentralServer
    screens: Program


@pytest.fixture(scope="module")
def walls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walls]:
    folder = tmp_path_factory.mktemp("screens")
    for name, secret in (("kiosk", "kiosk-token"), ("board", BOARD_TOKEN), ("storage", "x" * 32)):
        (folder / name).write_text(secret)
    gateway, central = FloorServer(), CentralServer()
    with serving(gateway.app()) as gateway_port, serving(central.app()) as central_port:
        port = free_port()
        config = _config(folder, port, gateway_port, central_port)
        url = f"http://127.0.0.1:{port}"
        arguments = ["-m", "kiosk_ui", "--config", str(config)]
        screens = Program("screens", arguments, log=folder / "screens.log", health=f"{url}/healthz")
        screens.start()
        try:
            yield Walls(url, gateway, central, screens)
        finally:
            screens.stop()


def _config(folder: Path, port: int, gateway_port: int, central_port: int) -> Path:
    path = folder / "screens.toml"
    path.write_text(
        f"""
port = {port}
storage_secret_file = "{folder}/storage"
[gateway]
url = "http://127.0.0.1:{gateway_port}"
kiosk_token_file = "{folder}/kiosk"
board_token_file = "{folder}/board"
[central]
url = "http://127.0.0.1:{central_port}"
[project]
name_zh = "云栖湖岸"
name_en = "Yunqi Lakeside"
[demo]
accounts = [{{ name = "李明", staff_no = "A01", pin = "2468" }}]
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as driven:
        yield driven


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1920, "height": 1080})
    yield opened
    opened.close()


def sign_in(page: Page, address: str, pin: str = ZHOU.pin) -> None:
    """Fill in the form that the address shows to whoever has not signed in."""
    page.goto(address)
    page.locator('input[data-test="staff-no"]').fill(ZHOU.staff_no)
    for digit in pin:
        page.locator(f'[data-ready] [data-test="pin-{digit}"]').click()
    page.locator('[data-test="sign-in"]').click()


def test_the_board_follows_the_floor_and_a_reload_shows_the_same(walls: Walls, page: Page) -> None:
    walls.gateway.show(floor(now=utc_now(), count_in=41))
    page.goto(f"{walls.url}/board")
    shown = page.locator('[data-test="board-count-in"]')
    expect(shown).to_have_text("41")
    walls.gateway.show(floor(now=utc_now(), count_in=42))
    expect(shown).to_have_text("42", timeout=2_000)
    page.reload()
    expect(shown).to_have_text("42")


def test_the_board_fits_a_wall_without_scrolling(walls: Walls, page: Page) -> None:
    crowd = [visit(n, now=utc_now(), number=n) for n in range(9)]
    staff = [consultant(f"顾问{n}", "serving", place=n) for n in range(14)]
    walls.gateway.show(floor(now=utc_now(), waiting=crowd, rota=staff, dead_letters_today=1))
    page.goto(f"{walls.url}/board?lang=en")
    page.locator('[data-test="board-waiting"]').wait_for()
    height, width = page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert (height, width) == (1080, 1920)


def test_a_wait_runs_on_in_the_browser_and_says_what_to_do(walls: Walls, page: Page) -> None:
    now = utc_now()
    away = consultant("王芳", "away", away_reason="lunch", away_until=now + timedelta(minutes=9))
    walls.gateway.show(floor(now=now, waiting=[visit(6, now=now)], rota=[away]))
    page.goto(f"{walls.url}/board?lang=en&theme=light")
    alarm = page.locator('[data-test="board-alarm-waiting_late"]')
    expect(alarm).to_contain_text("Call 王芳 back (at lunch until")
    clock = page.locator('[data-test="board-longest-wait"]')
    first = clock.inner_text()
    expect(clock).not_to_have_text(first, timeout=3_000)
    expect(clock).to_have_attribute("data-level", "late")


def test_all_boards_of_a_process_share_one_stream(walls: Walls, browser: Browser) -> None:
    pages = [browser.new_page() for _ in range(2)]
    for opened in pages:
        opened.goto(f"{walls.url}/board")
        opened.locator('[data-test="board-occupancy"]').wait_for()
    assert walls.gateway.streams == 1
    for opened in pages:
        opened.close()


def test_language_and_theme_are_in_the_address_and_can_be_switched(walls: Walls, page: Page) -> None:
    page.goto(f"{walls.url}/board")
    expect(page).to_have_title("案场看板")
    expect(page.locator("body.body--dark")).to_be_attached()
    page.locator('[data-test="switch-language"]').click()
    expect(page).to_have_title("Floor board")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator('[data-test="switch-theme"]').click()
    expect(page.locator("body.body--light")).to_be_attached()
    assert page.url.endswith("/board?lang=en&theme=light")


def test_the_console_shows_offices_and_leads_to_one(walls: Walls, page: Page) -> None:
    sign_in(page, f"{walls.url}/console?lang=en")
    expect(page.locator('[data-test="console-office-yunqi-in"]')).to_have_text("120")
    expect(page.locator('[data-test="console-total-people_in"]')).to_have_text("240")
    expect(page.locator('[data-test="link-state"]')).to_have_attribute("data-state", "online")
    page.locator('[data-test="console-office-jinsha"]').click()
    expect(page.locator('[data-test="console-title"]')).to_have_text("案场 jinsha")
    page.locator('[data-test="console-step-day"]').click()
    expect(page.locator('[data-test="console-step-day"]')).to_have_class("ac-btn ac-btn-plain ac-btn-small ac-on")


def test_nobody_sees_the_console_without_signing_in(walls: Walls, page: Page) -> None:
    walls.central.end_sessions()
    asked = len(walls.central.asked)
    sign_in(page, f"{walls.url}/console/yunqi", pin="9999")
    expect(page.locator('[data-test="signin-error"]')).to_have_text("工号或密码不正确")
    expect(page.locator('[data-test="console-title"]')).to_be_hidden()
    assert len(walls.central.asked) == asked


def test_the_console_asks_as_the_person_and_keeps_the_token_from_the_browser(walls: Walls, page: Page) -> None:
    walls.central.end_sessions()
    sign_in(page, f"{walls.url}/console?lang=en")
    expect(page.locator('[data-test="console-my-name"]')).to_have_text("周敏")
    (token,) = walls.central.tokens
    assert walls.central.asked[-1] == token
    held = page.url + page.content() + str(page.context.cookies()) + page.evaluate("JSON.stringify(localStorage)")
    assert token not in held
    page.reload()
    expect(page.locator('[data-test="console-office-yunqi-in"]')).to_have_text("120")


def test_signing_out_ends_the_session_on_every_page_of_the_browser(walls: Walls, browser: Browser) -> None:
    walls.central.end_sessions()
    context = browser.new_context()
    page, second = context.new_page(), context.new_page()
    sign_in(page, f"{walls.url}/console")
    expect(page.locator('[data-test="console-my-name"]')).to_be_visible()
    second.goto(f"{walls.url}/console/yunqi")
    expect(second.locator('[data-test="console-title"]')).to_be_visible()
    page.locator('[data-test="console-sign-out"]').click()
    for left in (page, second):
        expect(left.locator('[data-test="signin"]')).to_be_visible(timeout=8_000)
        expect(left.locator('[data-test="signin-said"]')).to_be_hidden()
    assert walls.central.tokens == set()
    context.close()


def test_a_session_that_ended_leads_back_to_the_sign_in_and_says_why(walls: Walls, page: Page) -> None:
    sign_in(page, f"{walls.url}/console/yunqi?lang=en")
    expect(page.locator('[data-test="console-title"]')).to_be_visible()
    walls.central.end_sessions()
    expect(page.locator('[data-test="signin-said"]')).to_contain_text("Your session has ended", timeout=8_000)
    asked = len(walls.central.asked)
    page.reload()
    expect(page.locator('[data-test="signin-said"]')).to_be_visible()
    assert len(walls.central.asked) == asked
    sign_in(page, page.url)
    expect(page.locator('[data-test="console-title"]')).to_have_text("案场 yunqi")


def test_two_people_are_asked_for_separately(walls: Walls, browser: Browser) -> None:
    walls.central.end_sessions()
    contexts = [browser.new_context() for _ in range(2)]
    for context in contexts:
        opened = context.new_page()
        sign_in(opened, f"{walls.url}/console")
        expect(opened.locator('[data-test="console-my-name"]')).to_be_visible()
    assert len(walls.central.tokens) == 2
    assert walls.central.tokens <= set(walls.central.asked)
    for context in contexts:
        context.close()


def test_a_sale_is_checked_then_entered_once(walls: Walls, page: Page) -> None:
    sign_in(page, f"{walls.url}/console/yunqi?lang=en")
    page.locator('[data-test="console-enter-sale"]').click()
    save, error = page.locator('[data-test="sale-save"]'), page.locator('[data-test="sale-error"]')
    save.click()
    expect(error).to_have_text("Choose the customer and the consultant")
    for field, choice in (("sale-customer", "陈** 138****2345"), ("sale-consultant", "李明")):
        page.locator(f'[data-test="{field}"]').click()
        page.locator(".q-menu .q-item", has_text=choice).click()
    page.locator('input[data-test="sale-amount"]').fill("12x")
    save.click()
    expect(error).to_have_text("The amount is a number, for example 128.5")
    page.locator('input[data-test="sale-amount"]').fill("128.5")
    save.click()
    expect(page.locator('[data-test="console-sales"]')).to_contain_text("128.5")
    assert [sale.amount_fen for sale in walls.central.sales] == [128_500_000]
    assert len(set(walls.central.keys)) == 1


def test_an_unknown_office_is_said_to_be_unknown(walls: Walls, page: Page) -> None:
    sign_in(page, f"{walls.url}/console/nowhere")
    expect(page.locator('[data-test="console-unknown-office"]')).to_be_visible()


def test_the_first_page_has_every_door_and_the_accounts_to_try(walls: Walls, page: Page) -> None:
    page.goto(walls.url)
    for door in ("kiosk", "tablet", "board", "console"):
        expect(page.locator(f'[data-test="door-{door}"]')).to_be_visible()
    expect(page.locator('[data-test="home-demo"]')).to_contain_text("A01")
    expect(page.locator('[data-test="home-synthetic"]')).to_be_visible()
    page.locator('[data-test="door-board"]').click()
    page.locator('[data-test="board-count-in"]').wait_for()


def test_a_board_cut_off_from_the_gateway_says_so_and_comes_back(tmp_path: Path, browser: Browser) -> None:
    for name in ("kiosk", "board", "storage"):
        (tmp_path / name).write_text(BOARD_TOKEN)
    gateway, gateway_port, port = FloorServer(), free_port(), free_port()
    config = tmp_path / "screens.toml"
    config.write_text(
        f'port = {port}\nstorage_secret_file = "{tmp_path}/storage"\n[gateway]\nurl = "http://127.0.0.1:{gateway_port}"\n'
        f'kiosk_token_file = "{tmp_path}/kiosk"\nboard_token_file = "{tmp_path}/board"\n'
    )
    url = f"http://127.0.0.1:{port}"
    arguments = ["-m", "kiosk_ui", "--config", str(config)]
    screens = Program("screens", arguments, log=tmp_path / "screens.log", health=f"{url}/healthz")
    page = browser.new_page()
    try:
        screens.start()
        page.goto(f"{url}/board")
        trouble, state = page.locator('[data-test="board-trouble"]'), page.locator('[data-test="link-state"]')
        expect(trouble).to_be_visible()
        with serving(gateway.app(), gateway_port):
            expect(page.locator('[data-test="board-count-in"]')).to_have_text("40", timeout=12_000)
            expect(trouble).to_be_hidden()
            expect(state).to_have_attribute("data-state", "online")
        expect(trouble).to_be_visible(timeout=12_000)
        expect(state).to_have_attribute("data-state", "offline")
        expect(page.locator('[data-test="board-calm"]')).to_be_hidden()
    finally:
        page.close()
        screens.stop()

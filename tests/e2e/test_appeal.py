"""Appeals to the manager's desk and back, from a tablet and from an agent's telephone: all programs are real."""

import json
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from contracts.ids import uuid7
from contracts.pins import hash_pin
from tests.e2e.conftest import Rooms, open_rooms
from tests.e2e.test_walk_in import sign_in_tablet
from tests.support.processes import until

pytestmark = pytest.mark.browser
PHONE = "13800077001"


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    with open_rooms(tmp_path_factory.mktemp("office")) as opened:
        yield opened


def test_an_appeal_filed_on_the_tablet_and_upheld_at_the_desk_is_a_new_verdict_on_the_tablet(rooms: Rooms) -> None:
    office = rooms.office
    with office.sign_in("A02") as colleague:
        call = colleague.post("/v1/calls", json={"phone": PHONE}, headers={"Idempotency-Key": uuid7()})
        assert call.json()["owner"] == "who_took_it", call.text
    tablet = sign_in_tablet(rooms, "A01")
    with office.kiosk() as kiosk:
        answer = kiosk.post("/v1/checkins", json={"phone": PHONE}, headers={"Idempotency-Key": uuid7()})
        assert answer.status_code == 201, answer.text
    at(tablet, "offer-accept").click(timeout=15_000)
    expect(at(tablet, "serving-card")).to_be_visible()

    open_verdict(tablet)
    expect(at(tablet, "verdict-words")).to_contain_text("归属：同事")
    type_into(tablet, "appeal-text", "客户上周就由我接待过，有合影为证")
    at(tablet, "appeal-file").click()
    expect(at(tablet, "verdict").first).to_contain_text("申诉中")
    at(tablet, "dialog-close").click()

    desk = rooms.browser.new_page(viewport={"width": 1280, "height": 900})
    desk.goto(f"{office.screens_url}/desk")
    sign_in(desk, "M01")
    at(desk, "tab-appeals").click()
    expect(at(desk, "appeal")).to_contain_text("有合影为证")
    expect(at(desk, "timeline")).to_contain_text("来电登记")
    at(desk, "appeal-uphold").click()
    expect(at(desk, "appeal-then")).to_contain_text("之后归属 李明")
    type_into(desk, "reason", "合影属实")
    at(desk, "decide").click()
    expect(at(desk, "appeals-none")).to_be_visible()

    open_verdict(tablet)
    expect(at(tablet, "verdict-words")).to_contain_text("归属：我")
    expect(at(tablet, "appeal-state")).to_contain_text("合影属实")
    with office.sign_in("M01") as manager:
        until(lambda: manager.get("/v1/appeals?state=open").json() == [], seconds=5, what="no appeal to be open")
    desk.close()
    tablet.context.close()


def test_an_agent_appeals_on_the_telephone_and_reads_there_what_the_manager_ruled(rooms: Rooms) -> None:
    office = rooms.office
    with office.headquarters() as hq:
        take_on_an_agent(hq, office.slug)
        telephone = rooms.browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        telephone.goto(f"{office.screens_url}/agent")
        sign_in(telephone, "K01", "agent-channel")
        type_into(telephone, "agent-number", "13800077002")
        at(telephone, "agent-register").click()
        expect(at(telephone, "agent-registration")).to_have_count(1)
        with office.kiosk() as kiosk:
            kiosk.post("/v1/checkins", json={"phone": "13800077002"}, headers={"Idempotency-Key": uuid7()})

        def told(what: str) -> bool:
            return what in json.dumps(hq.get("/v1/registrations").json()["items"])

        until(lambda: told('"may_appeal": false'), seconds=20, what="head office to know the verdict")
        telephone.reload()
        expect(at(telephone, "agent-verdict").first).to_contain_text("未判给您的渠道")
        at(telephone, "agent-appeal").click()
        type_into(telephone, "appeal-text", "十分钟前已带到门口")
        at(telephone, "appeal-send").click()
        expect(at(telephone, "agent-appeal-state")).to_contain_text("申诉已提交")

        until(lambda: told('"state": "open"'), seconds=20, what="the office to have filed it")
        desk = rooms.browser.new_page(viewport={"width": 1280, "height": 900})
        desk.goto(f"{office.screens_url}/desk")
        sign_in(desk, "M01")
        at(desk, "tab-appeals").click()
        waits = desk.locator('[data-test="appeal"][data-state="open"]')
        expect(waits).to_contain_text("安居渠道")
        expect(waits).to_contain_text("何欣")
        waits.locator('[data-test="appeal-uphold"]').click()
        type_into(desk, "reason", "监控属实")
        at(desk, "decide").click()
        expect(at(desk, "appeals-none")).to_be_visible()

        until(lambda: told('"state": "upheld"'), seconds=20, what="the ruling to reach head office")
    telephone.reload()
    expect(at(telephone, "agent-verdict").first).to_contain_text("判给您的渠道")
    ruled = at(telephone, "agent-appeal-state")
    expect(ruled).to_contain_text("经理的理由：监控属实")
    expect(ruled).to_contain_text("佣金归您的渠道")
    desk.close()
    telephone.context.close()


def take_on_an_agent(hq: httpx.Client, office: str) -> None:
    channel_id, agent_id = uuid7(), uuid7()
    agent = {"staff_no": "K01", "name": "何欣", "pin_hash": hash_pin("2468")}
    for path, body in (
        (f"/v1/channels/{channel_id}", {"name": "安居渠道", "offices": [office]}),
        (f"/v1/channels/{channel_id}/agents/{agent_id}", agent),
    ):
        assert hq.put(path, json=body).status_code == 200


def at(page: Page, name: str) -> Locator:
    return page.locator(f'[data-test="{name}"]')


def type_into(page: Page, name: str, words: str) -> None:
    field = f'[data-test="{name}"] :is(input, textarea), :is(input, textarea)[data-test="{name}"]'
    page.locator(field).first.fill(words)


def sign_in(page: Page, staff_no: str, then: str = "my-name") -> None:
    type_into(page, "staff-no", staff_no)
    for digit in "2468":
        page.locator(f'[data-ready] [data-test="pin-{digit}"]').click()
    at(page, "sign-in").click()
    expect(at(page, then)).to_be_visible()


def open_verdict(tablet: Page) -> None:
    at(tablet, "tool-verdicts").click()
    at(tablet, "verdict").first.click()

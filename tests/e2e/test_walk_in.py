"""A visitor walks in and checks in; the right consultant knows within a second; the head office sees it.

No mock anywhere between the wire and the screen.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Rooms, World
from tests.support.devices import milesight_report, mqtt_client
from tests.support.processes import until

pytestmark = pytest.mark.browser


def test_people_on_a_serial_wire_become_a_number_in_a_browser(world: World) -> None:
    page = world.browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(f"{world.office.screens_url}/board")
    figure = page.locator('[data-test="board-count-in"]')
    expect(figure).to_be_visible(timeout=15_000)
    before = number(figure.inner_text())

    world.door.walk(people_in=3, people_out=1)

    expect(figure).to_have_text(re.compile(rf"(?<!\d){before + 3}(?!\d)"), timeout=10_000)
    with world.office.headquarters() as hq:
        until(
            lambda: hq.get("/v1/overview").json()["offices"][0]["today"]["count_in"] == before + 3,
            seconds=15,
            what="central to know the three people",
        )
    page.close()


def test_vendor_json_through_the_broker_keeps_the_area_counter_alive(world: World) -> None:
    publisher = mqtt_client(world.office.ports["broker"], "hall-counter")
    publisher.publish("milesight/369362028335", milesight_report(7), qos=1).wait_for_publish(10)
    with world.office.sign_in("M01") as manager:

        def heard() -> bool:
            devices = [d for n in manager.get("/v1/nodes").json() for d in n["devices"]]
            return any(d["device"] == "hall" and d["state"] == "ok" and d["last_seen"] for d in devices)

        until(heard, seconds=15, what="the area counter to be seen by the gateway")
    publisher.loop_stop()
    publisher.disconnect()


def test_a_walk_in_reaches_the_consultants_tablet_and_the_head_office(world: World) -> None:
    office = world.office
    tablet = sign_in_tablet(world, "A01")
    kiosk = world.browser.new_page(viewport={"width": 1080, "height": 1920}, has_touch=True)

    ticket = check_in(kiosk, office.screens_url, "13800112345", party=2)

    card = tablet.locator('[data-test="offer-card"]')
    expect(card).to_be_visible(timeout=5_000)
    expect(card).to_contain_text("138****2345")
    tablet.locator('[data-test="offer-accept"]').click()
    expect(tablet.locator('[data-test="serving-card"]')).to_be_visible(timeout=5_000)

    with office.sign_in("M01") as manager:
        visit = manager.get("/v1/visits", params={"state": "serving"}).json()[0]
        assert visit["ticket"]["number"] == ticket
        assert visit["party_size"] == 2
        assert visit["consultant_name"] == "李明"
        why = manager.get(f"/v1/visits/{visit['visit_id']}/explanation").json()
        assert why["verdicts"][0]["rule"]
        assert why["verdicts"][0]["source"] == "walk_in"
        assert any(c["outcome"] == "chosen" for c in why["turns"][0]["candidates"])

    with office.headquarters() as hq:
        found = until(
            lambda: [
                v
                for v in hq.get("/v1/visits", params={"office": office.slug}).json()["items"]
                if v["visit_id"] == visit["visit_id"] and v["state"] == "serving"
            ],
            seconds=15,
            what="central to know the visit",
        )
        assert found[0]["consultant_id"] == office.person("A01").person_id
        customer = hq.get(f"/v1/customers/{found[0]['customer_id']}").json()
        assert customer["phone"] == "138****2345"
    tablet.context.close()
    kiosk.close()


def test_a_wrong_number_is_told_at_the_field_in_the_visitors_language(world: World) -> None:
    kiosk = world.browser.new_page(viewport={"width": 1080, "height": 1920}, has_touch=True)
    kiosk.goto(f"{world.office.screens_url}/kiosk")
    kiosk.locator('[data-test="kiosk-start"]').click()
    type_digits(kiosk, "12000112345")
    kiosk.locator('[data-test="phone-next"]').click()
    error = kiosk.locator('[data-test="phone-error"]')
    expect(error).to_be_visible()
    chinese = error.inner_text()
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    kiosk.locator('[data-test="language-en"]').click()
    expect(error).to_have_text(re.compile(r"^[^\u4e00-\u9fff]+$"))
    kiosk.close()


def test_a_page_reloaded_in_mid_check_in_goes_on_where_it_was(world: World) -> None:
    kiosk = world.browser.new_page(viewport={"width": 1080, "height": 1920}, has_touch=True)
    kiosk.goto(f"{world.office.screens_url}/kiosk")
    kiosk.locator('[data-test="kiosk-start"]').click()
    type_digits(kiosk, "13900112345")
    kiosk.locator('[data-test="phone-next"]').click()
    kiosk.locator('[data-test="party-2"]').wait_for()

    kiosk.reload()

    expect(kiosk.locator('[data-test="party-2"]')).to_be_visible(timeout=10_000)
    kiosk.locator('[data-test="party-2"]').click()
    kiosk.locator('[data-test="party-next"]').click()
    kiosk.locator('[data-test="purpose-view_home"]').click()
    ticket = kiosk.locator('[data-test="ticket-number"]')
    expect(ticket).to_be_visible(timeout=10_000)
    with world.office.sign_in("M01") as manager:
        mine = [v for v in manager.get("/v1/visits").json() if (v["customer"] or {}).get("phone") == "139****2345"]
    assert len(mine) == 1
    kiosk.close()


def test_two_kiosks_and_one_visitor_make_one_visit(world: World) -> None:
    with world.office.kiosk() as one, world.office.kiosk("kiosk2") as two:
        body = {"phone": "13700112345", "party_size": 2}
        first = one.post("/v1/checkins", json=body, headers={"Idempotency-Key": "kiosk-one-1"})
        second = two.post("/v1/checkins", json=body, headers={"Idempotency-Key": "kiosk-two-1"})
    assert first.status_code == 201, first.text
    assert first.json()["visit_id"] == second.json()["visit_id"]
    assert second.json()["joined_existing"] is True
    assert first.json()["ticket"]["number"] == second.json()["ticket"]["number"]


def test_a_tablet_that_lost_its_wireless_for_a_while_misses_nothing(world: World) -> None:
    tablet = sign_in_tablet(world, "A02")
    tablet.context.set_offline(True)
    with world.office.kiosk() as kiosk:
        kiosk.post("/v1/checkins", json={"phone": "13600112345"}, headers={"Idempotency-Key": "wireless-1"})
    tablet.context.set_offline(False)
    tablet.reload()
    with world.office.sign_in("A02") as session:
        mine = session.get("/v1/me").json()
    shown = tablet.locator('[data-test="offer-card"]')
    expect(shown).to_have_count(len(mine["offers"]), timeout=15_000)
    tablet.context.close()


def sign_in_tablet(world: Rooms, staff_no: str) -> Page:
    context = world.browser.new_context(viewport={"width": 1280, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(f"{world.office.screens_url}/tablet")
    page.locator('[data-test="staff-no"] input, input[data-test="staff-no"]').first.fill(staff_no)
    for digit in world.office.person(staff_no).pin:
        page.locator(f'[data-ready] [data-test="pin-{digit}"]').click()
    page.locator('[data-test="sign-in"]').click()
    join = page.locator('[data-test="rota-sign-in"]')
    join.wait_for(timeout=15_000)
    join.click()
    expect(page.locator('[data-test="rota-place"]').first).to_be_visible(timeout=10_000)
    return page


def check_in(page: Page, address: str, phone: str, *, party: int) -> int:
    """Click through the kiosk as a visitor does; return the ticket's number."""
    page.goto(f"{address}/kiosk")
    page.locator('[data-test="kiosk-start"]').click()
    type_digits(page, phone)
    page.locator('[data-test="phone-next"]').click()
    page.locator(f'[data-test="party-{party}"]').click()
    page.locator('[data-test="party-next"]').click()
    page.locator('[data-test="purpose-view_home"]').click()
    ticket = page.locator('[data-test="ticket-number"]')
    expect(ticket).to_be_visible(timeout=10_000)
    return number(ticket.inner_text())


def type_digits(page: Page, digits: str) -> None:
    for digit in digits:
        page.locator(f'[data-ready] [data-test="key-{digit}"]').click()


def number(text: str) -> int:
    found = re.search(r"\d+", text.replace(",", ""))
    assert found, f"no number in {text!r}"
    return int(found[0])


def test_a_manager_adds_a_device_and_a_list_that_breaks_one_goes_back_by_itself(world: World) -> None:
    desk = world.browser.new_page(viewport={"width": 1280, "height": 900})
    desk.goto(f"{world.office.screens_url}/desk")
    sign_in_desk(desk, "M01")
    desk.locator('[data-test="tab-devices"]').click()

    open_list(desk)
    desk.locator('[data-test="list-kind"]').click()
    desk.get_by_role("option", name="Milesight VS121", exact=False).first.click()
    desk.locator('[data-test="list-add"]').click()
    fill(desk, "field-id", "side")
    fill(desk, "field-topic", "milesight/side")
    desk.locator('[data-test="form-keep"]').click()
    desk.locator('[data-test="list-review"]').click()
    expect(desk.locator('[data-test="change-side"]')).to_contain_text("新增")
    desk.locator('[data-test="list-apply"]').click()
    expect(desk.locator('[data-test="outcome-applied"]')).to_contain_text("第 1 版", timeout=15_000)
    desk.locator('[data-test="dialog-close"]').click()
    expect(desk.locator('[data-test="device-side"]')).to_be_visible(timeout=10_000)

    open_list(desk)
    desk.locator('[data-test="list-edit-door-main"]').click()
    fill(desk, "field-url", f"{world.office.folder}/nowhere")
    desk.locator('[data-test="form-keep"]').click()
    desk.locator('[data-test="list-review"]').click()
    expect(desk.locator('[data-test="change-door-main"]')).to_contain_text(f"→ {world.office.folder}/nowhere")
    desk.locator('[data-test="list-apply"]').click()
    back = desk.locator('[data-test="outcome-rolled_back"]')
    expect(back).to_contain_text(f"door-main：串口 {world.office.folder}/nowhere 不见了", timeout=20_000)

    desk.locator('[data-test="list-back"]').click()
    desk.locator('[data-test="take-1"]').click()
    expect(desk.locator('[data-test="list-same"]')).to_be_visible()
    desk.close()


def open_list(desk: Page) -> None:
    desk.locator('[data-test="edit-list-lobby"]').click()
    expect(desk.locator('[data-test="list-hall"]')).to_be_visible()


def fill(desk: Page, name: str, value: str) -> None:
    desk.locator(f'[data-test="{name}"] input, input[data-test="{name}"]').first.fill(value)


def sign_in_desk(desk: Page, staff_no: str) -> None:
    fill(desk, "staff-no", staff_no)
    for digit in "2468":
        desk.locator(f'[data-test="pin-{digit}"]').click()
    desk.locator('[data-test="sign-in"]').click()
    expect(desk.locator('[data-test="tab-devices"]')).to_be_visible()

"""The desk's list of nodes and devices, in a real browser."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from contracts.floor_api import DeviceView, NodeView
from contracts.messages import ConfigStatus, NodeHealth, PlacedReason
from contracts.nodes_api import CounterDrift, DriftPage
from contracts.values import utc_now
from tests.kiosk_ui.conftest import Screens
from tests.kiosk_ui.manager.test_desk import a_floor, signed_in, tab

pytestmark = pytest.mark.browser


def troubled() -> NodeView:
    now = utc_now()
    door = DeviceView(
        device="door-main",
        driver="modbus_counter",
        state="degraded",
        reason="port_gone",
        facts={"port": "/dev/ttyUSB0"},
        last_seen=now - timedelta(hours=3),
        discarded=41,
        node="lobby",
    )
    hall = DeviceView(device="hall", driver="milesight_vs121", state="ok", last_seen=now, node="lobby")
    return NodeView(
        node="lobby",
        online=True,
        lag=12,
        unsafe=40,
        last_seen=now,
        devices=[door, hall],
        version="0.1.0",
        alarms=["disk_worn", "clock_unset", "newer_than_these_screens"],
        health=NodeHealth(temperature=71.4, disk_free=0.42, wear=0.9, memory_free_mb=512, load=0.2),
        config=ConfigStatus(
            version=4, state="rolled_back", reasons=[PlacedReason(at="hall", code="not_heard")], active=3
        ),
    )


def test_what_is_wrong_with_nodes_and_devices_is_told_with_what_to_do(screens: Screens) -> None:
    a_floor(screens, nodes=[troubled()])
    drift = CounterDrift(
        node="lobby", device="hall", since=date(2026, 11, 19), days=3, counted=30, expected=72, share=-0.583
    )
    screens.office.judging.drift = DriftPage(days=20, items=[drift])
    desk = signed_in(screens)
    tab(desk, "devices")
    expect(desk.at("drift")).to_contain_text("hall（lobby）自 2026-11-19 起比平时少计 58%")
    expect(desk.at("node-alarm-disk_worn")).to_contain_text("存储卡寿命将尽")
    expect(desk.at("node-alarm-newer_than_these_screens")).to_contain_text("newer_than_these_screens")
    expect(desk.at("node-health")).to_contain_text("71 °C · 磁盘剩余 42% · 存储卡磨损不超过 90%")
    expect(desk.at("node-config")).to_contain_text("第 4 版设备清单已退回")
    expect(desk.at("node-config")).to_contain_text("hall：还没有收到任何数据")
    expect(desk.at("node-config")).to_contain_text("目前使用第 3 版清单的设备")
    expect(desk.at("device-door-main")).to_contain_text("41 条读数无法识别")
    expect(desk.at("device-door-main")).to_contain_text("串口 /dev/ttyUSB0 不见了：请检查插头")
    expect(desk.at("count-devices")).to_have_text("3")


def test_a_calm_office_has_nothing_to_count(screens: Screens) -> None:
    a_floor(screens)
    desk = signed_in(screens)
    tab(desk, "devices")
    expect(desk.at("device-door-main")).to_be_visible()
    expect(desk.at("count-devices")).to_have_count(0)
    expect(desk.at("drift")).to_have_count(0)

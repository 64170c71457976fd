"""Ticket printers: what is on the paper, what the printer says of itself, and that no ticket comes out twice."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iotcore import Broker
from pydantic import ValidationError

from contracts.ids import uuid7
from contracts.messages import Command, TicketPrint
from contracts.values import utc_now
from edge_agent.devices.base import DeviceError, OrderError
from edge_agent.devices.escpos_paper import ticket
from edge_agent.devices.escpos_printer import EscposPrinter
from edge_agent.devices.escpos_status import PrinterState, is_real_time, is_transmitted
from edge_agent.devices.factory import build
from simulator.devices.printer import ReceiptPrinter
from tests.edge_agent.devices import cases, fixture
from tests.edge_agent.devices.hosts import RememberingHost
from tests.edge_agent.devices.printers import NetworkPrinter, SerialPrinter
from tests.edge_agent.devices.speaking import config
from tests.edge_agent.support import AgentProcess, FakeGateway, topic
from tests.support.processes import free_port, until

RECORDED = fixture("escpos_printer")["ticket"]


def order(*, seconds: float = 30, **changed: Any) -> Command:
    return Command(
        id=uuid7(),
        type="ticket.print.v1",
        device="printer-1",
        expires_at=utc_now() + timedelta(seconds=seconds),
        data=RECORDED["command"] | changed,
    )


def printer(port: int, **settings: Any) -> EscposPrinter:
    connection = {"kind": "network", "host": "127.0.0.1", "port": port, "timeout_seconds": 1}
    more = {"confirm_seconds": 0.5, "poll_seconds": 0.1} | settings
    device = build(config("escpos_printer", connection=connection, **more))
    assert isinstance(device, EscposPrinter)
    return device


@pytest.fixture
def network() -> Iterator[NetworkPrinter]:
    with NetworkPrinter() as running:
        yield running


@contextmanager
def watched(device: EscposPrinter) -> Iterator[RememberingHost]:
    host = RememberingHost()

    def run() -> None:
        try:
            device.run(host)
        except DeviceError as error:
            host.degraded(str(error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield host
    host.stopping.set()
    thread.join(5)


# ---- the paper ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("portion", [1, 7, 10_000])
def test_the_ticket_says_number_office_waiting_and_time_in_both_languages(portion: int) -> None:
    paper, roll = ticket(TicketPrint.model_validate(RECORDED["command"]), 32, cut=True), ReceiptPrinter()
    for at in range(0, len(paper), portion):
        roll.receive(paper[at : at + portion])
    (printed,) = roll.tickets
    assert printed.lines == RECORDED["lines"]
    assert printed.qr == RECORDED["command"]["qr"] and printed.cut and roll.bad_bytes == 0


def test_who_is_next_is_told_so_and_a_character_that_gbk_lacks_spoils_nothing() -> None:
    data = TicketPrint.model_validate(RECORDED["command"] | {"ahead": 0, "office": "云栖😀湖岸", "qr": ""})
    roll = ReceiptPrinter()
    roll.receive(ticket(data, 48, cut=True))
    assert roll.last and roll.last.lines[0] == "云栖?湖岸" and "即将轮到您  You are next" in roll.last.lines
    assert roll.last.qr == ""


@given(st.text(max_size=40), st.text(max_size=60), st.text(max_size=40))
def test_no_text_becomes_a_command_of_the_printer(office: str, office_en: str, qr: str) -> None:
    try:
        data = TicketPrint.model_validate(RECORDED["command"] | {"office": office, "office_en": office_en, "qr": qr})
    except ValidationError:
        return
    roll = ReceiptPrinter()
    assert roll.receive(ticket(data, 32, cut=True)) == b""
    assert len(roll.tickets) == 1 and roll.bad_bytes == 0 and roll.tickets[0].qr == qr


# ---- what it says of itself ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", cases("escpos_printer"), ids=lambda case: case["name"])
def test_documented_status_bytes_are_understood(case: dict[str, Any]) -> None:
    state = PrinterState.of(*bytes.fromhex(case["answers"]))
    assert (state.online, state.hindrance, state.paper_low) == (case["online"], case["hindrance"], case["paper_low"])


@given(st.tuples(*[st.integers(0, 255)] * 4))
def test_any_four_bytes_are_a_state_or_refused(answers: tuple[int, int, int, int]) -> None:
    if all(map(is_real_time, answers)):
        PrinterState.of(*answers)
    else:
        with pytest.raises(ValueError, match="fixed bits"):
            PrinterState.of(*answers)


def test_flow_control_is_no_answer() -> None:
    assert not any(is_real_time(byte) or is_transmitted(byte) for byte in (0x11, 0x13))


def test_paper_cover_and_recovery_are_told_as_the_devices_state(network: NetworkPrinter) -> None:
    network.roll.paper_out = True
    with watched(printer(network.port)) as host:
        until(lambda: ("degraded", "out of paper") in host.states, seconds=5, what="the paper")
        network.roll.paper_out, network.roll.cover_open = False, True
        until(lambda: ("degraded", "the cover is open") in host.states, seconds=5, what="the cover")
        network.roll.cover_open, network.roll.paper_low = False, True
        until(lambda: ("degraded", "paper is nearly out") in host.states, seconds=5, what="the warning")
        network.roll.paper_low = False
        until(lambda: host.states[-1] == ("ok", ""), seconds=5, what="the printer to be well")


def test_noise_before_an_answer_is_counted_and_the_answer_found(network: NetworkPrinter) -> None:
    network.noise = b"\xff\x11"
    with watched(printer(network.port)) as host:
        until(lambda: ("ok", "") in host.states, seconds=5, what="the printer to be well")
        assert host.discarded >= 8


def test_a_printer_that_does_not_answer_is_a_fault_with_a_hint(network: NetworkPrinter) -> None:
    network.mute = True
    with watched(printer(network.port)) as host:
        until(lambda: host.states, seconds=5, what="the fault")
    assert "answers = false" in host.states[0][1]


# ---- printing -----------------------------------------------------------------------------------------------------
def test_a_ticket_is_printed_and_confirmed(network: NetworkPrinter) -> None:
    assert printer(network.port).execute(order()) == {"confirmed": True}
    assert network.roll.last and network.roll.last.lines == RECORDED["lines"]


def test_on_a_serial_line_too(tmp_path: Path) -> None:
    with SerialPrinter(tmp_path / "printer") as serial:
        connection = {"kind": "serial", "url": str(serial.wire.path), "baudrate": 19200}
        device = build(config("escpos_printer", connection=connection))
        assert isinstance(device, EscposPrinter)
        assert device.execute(order(number=402)) == {"confirmed": True}
        assert serial.roll.last and "402" in serial.roll.last.lines


@pytest.mark.parametrize(("fault", "code"), [("paper_out", "paper_out"), ("cover_open", "cover_open")])
def test_what_keeps_it_from_printing_is_told_and_nothing_comes_out_afterwards(
    network: NetworkPrinter, fault: str, code: str
) -> None:
    setattr(network.roll, fault, True)
    with pytest.raises(OrderError, match=f"^{code}$"):
        printer(network.port).execute(order())
    setattr(network.roll, fault, False)
    network.roll.receive(b"")
    assert network.roll.tickets == []


def test_nobody_at_the_address_is_offline() -> None:
    with pytest.raises(OrderError, match=r"^offline$"):
        printer(free_port()).execute(order())


def test_a_connection_that_breaks_in_the_middle_is_unsure(network: NetworkPrinter) -> None:
    network.hang_up_after = 100
    with pytest.raises(OrderError, match=r"^unsure$"):
        printer(network.port).execute(order())


def test_no_confirmation_is_unsure(network: NetworkPrinter) -> None:
    device = printer(network.port)
    real = network.roll.receive

    def eats_the_last_answer(data: bytes) -> bytes:
        answers = real(data)
        return answers if b"\x10\x04" in data else b""

    network.roll.receive = eats_the_last_answer  # type: ignore[method-assign]
    with pytest.raises(OrderError, match=r"^unsure$"):
        device.execute(order())


def test_a_one_way_line_prints_and_promises_nothing(network: NetworkPrinter) -> None:
    network.mute = True
    assert printer(network.port, answers=False).execute(order()) == {"confirmed": False}
    until(lambda: network.roll.tickets, seconds=5, what="the ticket")


def test_a_command_that_is_none_is_refused_before_anything_is_sent(network: NetworkPrinter) -> None:
    with pytest.raises(ValueError, match=r"ticket\.print\.v1"):
        printer(network.port).execute(order(number="many"))
    assert network.connections == 0


def test_told_twice_restarted_or_late_no_second_ticket_comes_out(
    tmp_path: Path, network: NetworkPrinter, broker: Broker, gateway: FakeGateway
) -> None:
    table = f'[[devices]]\nid = "printer-1"\ndriver = "escpos_printer"\n{network.toml}\n'
    with AgentProcess(tmp_path, broker.port, table) as agent:
        gateway.wait_state("printer-1", "ok")
        command = order()

        def told(which: Command, times: int) -> list[Any]:
            gateway.client.publish(topic("command"), which.model_dump_json(), qos=1)

            def replies() -> list[Any]:
                return [reply for reply in gateway.replies if reply.command_id == which.id]

            until(lambda: len(replies()) == times, seconds=10, what=f"reply {times}")
            return replies()

        assert told(command, 1)[-1].data == {"confirmed": True}
        assert told(command, 2)[-1].ok
        agent.program.kill()
        agent.program.start()
        gateway.wait_state("printer-1", "ok")
        assert told(command, 3)[-1].ok
        assert told(order(seconds=-1), 1)[-1].error == "expired"
    assert len(network.roll.tickets) == 1


@pytest.mark.parametrize(
    "connection",
    [
        {"kind": "usb", "vendor": "04b8", "product": "0"},
        {"kind": "network", "host": ""},
        {"kind": "parallel"},
    ],
)
def test_a_connection_that_cannot_be_is_refused(connection: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        config("escpos_printer", connection=connection)

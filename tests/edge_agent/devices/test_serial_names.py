"""A line is found by its adapter's serial number, whatever the kernel calls it this time."""

import os
from pathlib import Path

import pytest

from edge_agent.devices import serial_line
from edge_agent.devices.base import DeviceError
from edge_agent.devices.serial_line import SerialLine, located
from tests.edge_agent.support import Wire

FTDI = "usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"
SERIAL = "usb:A50285BI"


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /dev/serial/by-id."""
    folder = tmp_path / "by-id"
    folder.mkdir()
    monkeypatch.setattr(serial_line, "BY_ID", folder)
    return folder


@pytest.mark.parametrize(
    ("names", "url", "found"),
    [
        ([FTDI], SERIAL, FTDI),
        ([FTDI, "usb-1a86_USB_Serial-if00-port0"], SERIAL, FTDI),
        (["usb-Silicon_Labs_CP2105_00A1-if00-port0", "usb-Silicon_Labs_CP2105_00A1-if01-port0"], "usb:00A1", None),
        (["usb-Silicon_Labs_CP2105_00A1-if00-port0", "usb-Silicon_Labs_CP2105_00A1-if01-port0"], "usb:00A1-if01-port0",
         "usb-Silicon_Labs_CP2105_00A1-if01-port0"),
        (["usb-FTDI_FT232R_USB_UART_XA50285BI-if00-port0"], SERIAL, None),
        (["usb-FTDI_FT232R_A50285BI_OTHER-if00-port0"], SERIAL, None),
        ([], SERIAL, None),
        ([FTDI], "usb:", None),
    ],
)  # fmt: skip
def test_the_link_with_the_serial_number_is_taken_and_only_that(
    names: list[str], url: str, found: str | None, links: Path
) -> None:
    for name in names:
        (links / name).touch()
    assert located(url) == (None if found is None else str(links / found))


def test_a_link_that_points_to_nothing_is_no_port(links: Path) -> None:
    (links / FTDI).symlink_to("/dev/nowhere")
    assert located(SERIAL) is None
    with pytest.raises(DeviceError, match="usb:A50285BI is gone"):
        SerialLine(SERIAL, 9600)


def test_an_adapter_that_comes_back_under_another_name_is_found_again(
    links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_line, "_PRESENCE_SECONDS", 0.0)
    first, second = Wire(tmp_path / "ttyUSB0"), Wire(tmp_path / "ttyUSB7")
    (links / FTDI).symlink_to(first.path)
    with SerialLine(SERIAL, 9600) as port:
        first.write(b"A")
        assert port.read() == b"A"
        (links / FTDI).unlink()
        (links / FTDI).symlink_to(second.path)
        with pytest.raises(DeviceError, match="another line now"):
            port.read()
    with SerialLine(SERIAL, 9600) as port:
        second.write(b"B")
        assert port.read() == b"B"
    assert os.path.realpath(first.path) != os.path.realpath(second.path), "it kept its name: nothing was shown"

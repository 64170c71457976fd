"""The program behind `python -m edge_agent probe`."""

import argparse
import sys
from pathlib import Path

from contracts.values import readable
from edge_agent.broker import BrokerConfig, ConfigError
from edge_agent.devices.base import Heard
from edge_agent.overhearing import BrokerError
from edge_agent.probe import modbus
from edge_agent.probe.listening import Line, broker_messages, serial_lines
from edge_agent.probe.ports import Found, cameras, serial_ports, usb_printers
from edge_agent.probe.suggesting import Suggestion, add_to, as_toml, from_broker, from_line, from_usb, named, understood

NOTHING, FOUND, TROUBLE = 1, 0, 2
_STRANGERS_SHOWN = 10


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="edge_agent probe",
        description="List serial ports and cameras, listen on them and on the broker, and say which driver reads what "
        "is heard. Press buttons, hold badges and codes to their readers, walk through doors meanwhile. "
        "Nothing is sent to any device unless --modbus is given.",
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to listen (default 20)")
    parser.add_argument("--port", action="append", default=[], help="listen on this serial port only; may be repeated")
    parser.add_argument("--config", type=Path, help="take the broker from this configuration of the agent")
    parser.add_argument("--broker", metavar="HOST[:PORT]", help="listen on this broker")
    parser.add_argument("--username", default="", help="… as this user")
    parser.add_argument("--password-file", default="", help="… with the password in this file")
    parser.add_argument("--modbus", metavar="PORT", help="ask for Modbus-RTU slaves on this line, then watch registers")
    parser.add_argument("--addresses", default="1-16", help="slave addresses to ask (default 1-16; all: 1-247)")
    parser.add_argument("--write", action="store_true", help="append what was found to the file of --config")
    options = parser.parse_args(argv)
    if options.write and options.config is None:
        parser.error("--write needs --config FILE: the file to append to")
    return options


def main(argv: list[str]) -> int:
    """The exit status: 0 when a device was recognised, 1 when none was, 2 when something could not be looked at."""
    options = arguments(argv)
    try:
        suggestions = _ask(options) if options.modbus else _listen(options)
        return _tell(suggestions, options)
    except (ConfigError, BrokerError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return TROUBLE


def _listen(options: argparse.Namespace) -> list[Suggestion]:
    ports = [Found(path, path, "as told") for path in options.port] or serial_ports()
    _list("Serial ports", ports)
    if not options.port:
        _list("Cameras", cameras())
    suggestions: list[Suggestion] = []
    if not options.port:
        printers = usb_printers()
        _list("USB printers", printers)
        suggestions += from_usb(printers)
    if ports:
        print(f"Listening on {len(ports)} ports for {options.seconds:g} s …", flush=True)
        for line in serial_lines([port.path for port in ports], options.seconds, understood):
            suggestions += _line(line)
    broker = _broker(options)
    if broker is not None:
        print(f"Listening on the broker {broker.host}:{broker.port} for {options.seconds:g} s …", flush=True)
        suggestions += _messages(broker_messages(broker, options.seconds))
    return suggestions


def _broker(options: argparse.Namespace) -> BrokerConfig | None:
    if options.broker:
        host, _, port = options.broker.partition(":")
        return BrokerConfig.model_validate(
            {
                "host": host,
                "port": port or 1883,
                "username": options.username,
                "password_file": options.password_file,
            }
        )
    if options.config is not None:
        from edge_agent.config import load

        return load(options.config).broker
    return None


def _list(title: str, found: list[Found]) -> None:
    print(f"{title}: {len(found) or 'none'}")
    for each in found:
        link = f"  ({each.device})" if each.path != each.device else ""
        print(readable(f"  {each.path}  {each.what}{link}"))


def _line(line: Line) -> list[Suggestion]:
    if line.trouble:
        print(f"  {line.path}: {line.trouble}")
        return []
    suggestions = from_line(line)
    if not line.heard:
        print(f"  {line.path}: silent; counters that wait to be asked: --modbus {line.path}")
    elif not suggestions:
        heard = ", ".join(f"{len(data)} bytes at {baudrate}" for baudrate, data in line.heard.items())
        print(f"  {line.path}: no driver knows this: {heard}")
    return suggestions


def _messages(heard: list[Heard]) -> list[Suggestion]:
    suggestions, strangers = from_broker(heard)
    print(f"  {len(heard)} messages")
    for topic, count in list(strangers.items())[:_STRANGERS_SHOWN]:
        print(readable(f"  {topic}: no driver knows this ({count})"))
    if len(strangers) > _STRANGERS_SHOWN:
        print(f"  … and {len(strangers) - _STRANGERS_SHOWN} topics more")
    return suggestions


def _ask(options: argparse.Namespace) -> list[Suggestion]:
    from edge_agent.devices.modbus_counter import DRIVER

    first, _, last = options.addresses.partition("-")
    addresses = range(int(first), int(last or first) + 1)
    suggestions = []
    for slave in modbus.scan(options.modbus, addresses, lambda what: print(f"  asking at {what} …", flush=True)):
        print(f"Slave {slave.address} answers at {slave.baudrate} 8{slave.parity}1.")
        print(f"Now walk IN through its door, then OUT: watching its registers for {options.seconds:g} s …", flush=True)
        samples = modbus.watch(slave, options.seconds)
        registers = modbus.register_map(samples)
        for function, words in samples.items():
            grown = ", ".join(f"{address} by {step}" for address, step in modbus.changed(words).items())
            print(f"  function {function}: {f'grew: {grown}' if grown else 'nothing changed'}")
        if registers is None:
            print(
                "  two registers that grow are needed, the first for in, the second for out: see the counter's manual"
            )
            continue
        section = {"driver": "modbus_counter", "url": slave.url, "baudrate": slave.baudrate, "slave": slave.address}
        section |= {"parity": slave.parity, "registers": registers}
        suggestions.append(Suggestion(DRIVER, section))
    return suggestions


def _tell(suggestions: list[Suggestion], options: argparse.Namespace) -> int:
    if not suggestions:
        print("No device was recognised.")
        return NOTHING
    print("\nRecognised:")
    for each in suggestions:
        times = f", {each.messages} messages" if each.messages > 1 else ""
        print(readable(f"  {each.driver.about.title} at {each.place}{times}"))
    if options.write:
        added = add_to(options.config, suggestions)
        names = ", ".join(section["id"] for section in added)
        after = f"added {names}\nNow look at them there, then: systemctl restart anchang-edge-agent"
        print(f"\n{options.config}: {after if added else 'has them all already'}")
    else:
        print(f"\n# for the agent's configuration\n{as_toml(named(suggestions, ()))}", end="")
    return FOUND

"""Why a device is not well, or a configuration was not taken: stable codes with facts. No sentence crosses the wire.

`REASONS` names every code with its English sentence; the names in braces are the facts that belong to it. Facts are
data: a port, a number, the name of an error (`EACCES`). Screens have the sentences in their languages; a code that is
newer than a screen shows as it is.
"""

import errno
import sqlite3
from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.values import readable

_LONGEST_FACT = 160


def _shortened(fact: "str | int | float") -> "str | int | float":
    return readable(fact)[:_LONGEST_FACT] if isinstance(fact, str) else fact


Fact = Annotated[str | int | float, AfterValidator(_shortened)]
Facts = Annotated[dict[str, Fact], Field(max_length=8)]
Code = Annotated[str, Field(max_length=200), AfterValidator(readable)]

_DEVICE = {
    "not_heard": "not heard yet",
    "internal": "internal error: {error}",
    "hangs": "hangs: its driver has not moved for {seconds} s",
    "begun_anew": "begun anew: its driver hung",
    "taken_over": "another driver has taken over",
    "disk_full": "the disk is full",
    "disk_read_only": "the disk is read-only",
    "disk_error": "the disk cannot be written",
    "outbox": "the outbox cannot be written: {error}",
    "package_missing": "the package {package} is not installed: install requirements/vision.txt",
    "silent_report": "no report for {seconds} s",
    "silent_reading": "no reading for {seconds} s",
    "silent_tag": "no tag for {seconds} s",
    "silent_total": "no total for {seconds} s",
    "silent_sign": "no sign of life for {seconds} s",
    "left": "the counter left the network",
}
_LINE = {
    "port_gone": "port {port} is gone",
    "port_closed": "port {port} cannot be opened",
    "port_not_open": "port {port} is not open",
    "port_another": "port {port} is another line now",
    "port_error": "port {port}: {error}",
    "line_noise": "unreadable bytes on the line: check the baud rate and the wiring",
    "reader_mute": "no valid answer from the reader: check the baud rate and the wiring",
    "usb_closed": "USB {device}: {error}",
    "usb_error": "USB: {error}",
    "modbus_mute": "no valid answer from slave {slave}: check power, wiring, address and baud rate",
    "modbus_refused": "slave {slave} refuses registers {address}…: exception {exception}",
    "modbus_short": "slave {slave} answered {answered} of {asked} registers",
}
_NETWORK = {
    "address_error": "{address}: {error}",
    "address_closed": "{address} closed the connection",
    "http_late": "the answer took longer than {seconds} s",
    "http_login": "the device answers {status}: check user or password",
    "http_status": "the device answers {status}: check address and application",
    "http_mute": "no answer: {error}",
    "http_long": "the answer has more than {bytes} bytes",
    "listener_port": "the listener cannot use {address}: {error}",
    "no_listener": "nothing listens for pushes here",
    "secret_unreadable": "the secret {file} cannot be read: {error}",
    "secret_empty": "the secret {file} is empty",
    "password_unreadable": "the password file {file} cannot be read: {error}",
    "key_open": "others may read {file}: chmod 600 it",
    "key_error": "key file {file}: {error}",
    "key_damaged": "{file} is no key file, or it is damaged: bring the right one, or delete it for a new one",
}
_PRINTER = {
    "paper_out": "out of paper",
    "paper_low": "paper is nearly out",
    "cover_open": "the cover is open",
    "printer_error": "the printer reports an error: look at its lamps",
    "printer_mute": "the printer does not say how it is; set answers = false if its line is one-way",
}
_REPORT = {
    "report_not_json": "unreadable report: not JSON",
    "report_no_object": "unreadable report: not a JSON object",
    "report_too_long": "unreadable report: too long",
    "report_another_device": "the report of another device",
    "report_no_people": "unreadable report: not a number of people",
    "report_no_totals": "unreadable report: neither current_total nor totals of a line",
    "report_periods_without_times": "unreadable report: periods without a start_time and an end_time after it",
    "report_only_periods": 'its reports tell periods and no totals: set counts = "periods"',
    "report_switch_on_totals": "its reports tell periods and no totals: switch on totals in the counter, or set counts "
    '= "periods"',
    "report_no_uplink": "unreadable report: no uplink of a LoRaWAN network server that is known",
    "report_no_dev_eui": "unreadable report: an uplink without a DevEUI",
    "report_not_base64": "unreadable report: an uplink whose data is not base64",
    "report_frame_impossible": "unreadable report: an uplink with an impossible frame number or port",
    "report_cut_off": "unreadable report: a frame that was cut off",
    "report_no_frame": "no frame number: tell the gateway to send fCnt",
    "report_both_totals": "unreadable report: people counting without both totals",
    "report_no_region_people": "unreadable report: a region without its people",
    "report_no_metadata": "unreadable report: no people counting metadata",
    "report_not_multipart": "unreadable report: not a multipart body",
    "report_xml": "a multipart body without JSON: the camera must send JSON, not XML",
    "report_no_day": "no time, and its totals begin anew each day",
    "report_no_package": "unreadable report: no package of this sensor",
    "report_many_records": "unreadable report: more than {records} records at once",
    "report_record": "unreadable report: a record without its counts, or without a beginning and an end after it",
    "report_logics": "several line logics: name them in logics, each with its line",
    "total_no_number": "unreadable total: no number of people",
    "total_too_large": "too large a total to be told exactly: restart the counter from 0",
    "tag_no_id": "unreadable report: no id",
    "tag_no_distance": "unreadable report: no distance",
    "tag_distance": "unreadable report: a distance that cannot be",
    "reading_no_number": "unreadable: neither JSON nor a number",
    "reading_no_object": "unreadable: no object where {member} is looked for",
    "reading_not_a_number": "unreadable: not a number",
    "reading_failed": "no finite number: the sensor says that it failed",
    "reading_outside": "unreadable: {quantity} outside {least}…{most} {unit}",
}
_CAMERA = {
    "camera_silent": "no picture from {camera} for {seconds} s",
    "camera_mute": "{camera} does not answer: check power and network",
    "camera_unreachable": "{camera} cannot be reached: {error}",
    "camera_certificate": "{camera} has no trusted certificate: {error}",
    "camera_login": "{camera} refuses the user name or the password",
    "camera_login_kind": "{camera} asks for a kind of login that is not known",
    "camera_status": "{camera} answers {status}: check the url",
    "camera_no_stream": "{camera} has no such stream: check the path of the url",
    "camera_no_rtsp": "{camera} does not speak RTSP",
    "camera_no_video": "{camera} answers but sends no video by {transport}",
    "camera_broke_off": "{camera} broke off the stream",
    "camera_not_mjpeg": "what {camera} sends is not Motion JPEG: check the url",
    "camera_damaged": "{camera} sends pictures that cannot be decoded",
    "camera_large": "a picture of {width} × {height} is refused: at most {most} a side",
    "camera_hangs": "{camera} hangs: still waiting for it to let go",
    "camera_closed": "{camera} is closed",
    "camera_error": "{camera}: {error}",
    "camera_gone": "camera {camera} is gone: unplugged?",
    "camera_stopped": "camera {camera} stopped sending: check plug, cable and power",
    "camera_permission": "no permission for {camera}: the agent's user must be in the group video",
    "camera_in_use": "{camera} cannot be opened: not a camera, or in use by another program",
    "camera_program_missing": "neither rpicam-vid nor libcamera-vid is installed: apt-get install rpicam-apps",
    "camera_program": "{program} does not start: {error}",
    "camera_connector_empty": "camera connector {connector}: no camera is there; check the ribbon cable",
    "camera_connector": "camera connector {connector}: the program ended; check the ribbon cable, the agent's log has "
    "its last words",
    "camera_password": "the camera's password_file {file} cannot be read: {error}",
    "recording_over": "the recording {file} is over",
    "recording_missing": "the recording {file} is missing",
    "recording_empty": "the folder {file} holds no .jpg or .png",
    "recording_unreadable": "{file} cannot be read: {error}",
    "recording_no_picture": "{file} is not a picture that can be read",
    "recording_no_video": "{file} is not a video that can be read",
    "recording_closed": "the recording is closed",
    "picture_frozen": "the picture is frozen: restart the camera",
    "picture_black": "the picture is black: is the lens covered, or the light off?",
    "picture_covered": "the picture shows nothing: is the lens covered?",
    "picture_overexposed": "the picture is over-exposed: turn the camera away from the light, or lower its exposure",
    "picture_blurred": "the picture is blurred: clean the lens and set the focus",
    "picture_upside_down": "the picture is upside down: set rotate = 180",
    "picture_size": "the camera gives {width} × {height}, not {wanted}: configure a size it has",
    "picture_slow": "fewer than {least} pictures a second arrive: check light, cable and network",
    "faces_none": "no faces: no face engine is configured",
    "faces_starting": "no faces: the face engine is not ready yet",
    "faces_engine": "no faces: the face engine cannot be used; the agent's log says why, its option --check what to do",
    "people_none": "people are not counted: this node has no people counter",
    "people_engine": "people are not counted: the person detector cannot be used; the agent's log says why",
}
_CONFIGURATION = {
    "not_accepted": "this node takes its devices from its own file: [remote] accept = false",
    "wrong_node": "it is for another node",
    "checksum": "it was damaged on its way",
    "version_old": "{version} is not newer than {newest}",
    "cameras_by_file": "cameras are changed in the node's own file, with a restart",
    "died": "the agent ended twice while these devices were tried",
    "build_failed": "the devices cannot be started: {error}",
    "device_silent": "it worked before and is silent now",
    "secret": "a secret never travels: name a file on the node",
    "host_forbidden": "{host} is no host that this node may be sent to",
    "port_forbidden": "{port} is no port of {host} that this node may be sent to",
    "key_forbidden": "readings are sealed to the key that the node's own file names, and to no other",
    "file_forbidden": "{file} is no file that a snapshot may name",
    "topic_forbidden": "{topic} is no topic of a device",
    "no_address": "no address",
    "scheme_forbidden": "addresses with {scheme}:// are for the node's own file",
    "id_twice": "the id {id} is used more than once",
    "id_reserved": "the id {id} belongs to the agent itself",
    "port_twice": "{port} is used by more than one device, each needs a port of its own",
    "missing": "it is needed and not there",
    "unknown_member": "there is no such setting",
    "unknown_driver": "there is no driver of that name",
    "not_among": "it must be one of {expected}",
    "too_small": "it must be at least {least}",
    "not_above": "it must be more than {least}",
    "too_large": "it must be at most {most}",
    "not_below": "it must be less than {most}",
    "too_short": "it must have at least {least}",
    "too_long": "it may have at most {most}",
    "wrong_pattern": "it must be of the form {pattern}",
    "wrong_kind": "it is of another kind than it must be ({kind})",
    "does_not_fit": "it cannot be used as it is",
    "topic_or_push": "a topic, or push, says where its reports come from",
    "registers_or_lines": "either registers, for one line, or lines, for several",
    "line_twice": "lines: each line has a number of its own",
    "no_badge": 'name at least one badge, or set staff = "any" where only staff can reach the reader',
    "no_tag": "name the tags: a receiver hears every telephone that passes",
    "user_and_password": "username and password_file belong together",
    "usb_id": "a USB id is four hexadecimal digits, as lsusb prints it",
    "no_bytes": "these are no bytes in hexadecimal",
    "one_byte_each": "`by` and `xor` are one byte each",
    "escape_itself": "`special` must hold `by` itself, or the panel cannot tell it from an escape",
    "frame_without_number": "frame: there is no number in it",
    "checksum_of_nothing": "frame.{place}: a checksum covers fields before it",
    "limits_too_close": "high must be above low by more than twice the hysteresis",
    "measured_twice": "readings: {quantity} is measured twice: give the second a device of its own",
    "reader_key": "this is no gateway's key: python -m gateway --config FILE --reader-key prints it",
}
ERRORS: Mapping[str, str] = {
    "ECONNREFUSED": "connection refused",
    "ECONNRESET": "the connection was reset",
    "EPIPE": "the connection was broken off",
    "EHOSTUNREACH": "there is no way to it",
    "ENETUNREACH": "there is no network",
    "ETIMEDOUT": "no answer in time",
    "TimeoutError": "no answer in time",
    "gaierror": "its name is not known",
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not trusted",
    "RemoteDisconnected": "it ended the connection without an answer",
    "ENOENT": "it does not exist",
    "EISDIR": "it is a folder",
    "EACCES": "no permission",
    "EPERM": "not permitted",
    "EBUSY": "another program uses it",
    "EADDRINUSE": "another program uses it",
    "EADDRNOTAVAIL": "this machine has no such address",
    "EIO": "input/output error",
    "ENOSPC": "the disk is full",
    "EROFS": "the disk is read-only",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "the disk is read-only",
    "SQLITE_IOERR": "input/output error",
    "UnicodeDecodeError": "it is not text",
    "DeviceNotFoundError": "it is not plugged in",
}
"""Names that the fact `error` often has, in words; others are told as they are."""
REASONS: Mapping[str, str] = {**_DEVICE, **_LINE, **_NETWORK, **_PRINTER, **_REPORT, **_CAMERA, **_CONFIGURATION}


def facts_of(sentence: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)


def worded(sentence: str, facts: Mapping[str, Any], errors: Mapping[str, str] = ERRORS) -> str:
    """The sentence with its facts; `…` for one that was not told. `errors`: names of errors in words."""
    error = facts.get("error", "…")
    return sentence.format_map(_Told({**facts, "error": errors.get(str(error), error)}))


class _Told(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"


class Reason(BaseModel):
    """As text: its English sentence; the code itself when it is newer than this program."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    code: Code
    facts: Facts = Field(default_factory=dict)

    def __str__(self) -> str:
        known = REASONS.get(self.code)
        return self.code if known is None else worded(known, self.facts)


def reason(code: str, /, **facts: str | int | float) -> Reason:
    """Raises ValueError for a code that is not listed, or facts that are not its own."""
    if code not in REASONS or facts_of(REASONS[code]) != facts.keys():
        raise ValueError(f"no reason {code!r} with {sorted(facts)}")
    return Reason(code=code, facts={name: _tidy(fact) for name, fact in facts.items()})


def _tidy(fact: str | int | float) -> str | int | float:
    return int(fact) if isinstance(fact, float) and fact.is_integer() else fact


def name_of(error: BaseException) -> str:
    """The name of what went wrong: the system's own (`EACCES`), SQLite's, or the exception's."""
    inner = getattr(error, "reason", None)
    if isinstance(inner, BaseException):
        return name_of(inner)
    if isinstance(inner, str) and inner.isidentifier():
        return inner  # OpenSSL's name of it
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", None) or type(error).__name__
    number = getattr(error, "errno", None)
    return errno.errorcode.get(number, type(error).__name__) if isinstance(number, int) else type(error).__name__


class ReasonedError(Exception):
    """Trouble that people are told: by a code and its facts, or by a reason that is there already."""

    def __init__(self, said: str | Reason, /, **facts: str | int | float) -> None:
        self.reason = reason(said, **facts) if isinstance(said, str) else said
        super().__init__(str(self.reason))

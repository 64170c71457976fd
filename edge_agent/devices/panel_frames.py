"""Calling panels (叫号屏) whose frame stands in the configuration, for those no driver was written for.

A frame is a list of fields, sent in their order:

- `{ field = "constant", hex = "3A 00" }`;
- `{ field = "panel", encoding = "big", width = 1 }` and `{ field = "number", encoding = "bcd", width = 2 }`: the
  address and the number as `big` or `little` endian bytes, packed `bcd`, or `ascii` digits, `width` bytes wide, with
  `pad` before short ASCII ones;
- `{ field = "checksum", kind = "sum8", since = 0 }`: over the bytes of all fields from number `since` (0 is the first)
  up to this one. `sum8` the low byte of the sum, `xor8`, or `crc16_modbus` (two bytes, low first: Modbus over Serial
  Line V1.02, 6.2.2).

With `escape = { by = "7D", xor = "20", special = "7D 7E" }` each of `special` in what is sent becomes `by` and the byte
changed by `xor`, as in PPP (RFC 1662, 4.2); a constant with `framing = true` is sent as it is.
"""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from edge_agent.devices.base import About, Driver
from edge_agent.devices.calling_panel import CallingPanel, PanelConfig
from edge_agent.devices.checksums import crc16_modbus, sum8, xor8
from edge_agent.mistakes import unfit

_CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {"sum8": sum8, "xor8": xor8, "crc16_modbus": crc16_modbus}


def _is_hex(text: str) -> str:
    try:
        some = bool(bytes.fromhex(text))
    except ValueError:
        some = False
    if not some:
        raise unfit("no_bytes")
    return text


Hex = Annotated[str, AfterValidator(_is_hex)]
"""Bytes in hexadecimal, with or without blanks between them."""


class _Field(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Constant(_Field):
    field: Literal["constant"]
    hex: Hex
    framing: bool = False


class Value(_Field):
    field: Literal["panel", "number"]
    encoding: Literal["big", "little", "bcd", "ascii"] = "big"
    width: Annotated[int, Field(ge=1, le=8)] = 2
    pad: Literal["0", " "] = "0"


class Checksum(_Field):
    field: Literal["checksum"]
    kind: Literal["sum8", "xor8", "crc16_modbus"]
    since: Annotated[int, Field(ge=0, le=31)] = 0


class Escape(_Field):
    by: Hex
    xor: Hex
    special: Hex

    @model_validator(mode="after")
    def _can_be_undone(self) -> "Escape":
        by, xor = bytes.fromhex(self.by), bytes.fromhex(self.xor)
        if len(by) != 1 or len(xor) != 1:
            raise unfit("one_byte_each")
        if by not in bytes.fromhex(self.special):
            raise unfit("escape_itself")
        return self


class PanelFramesConfig(PanelConfig):
    driver: Literal["panel_frames"]
    frame: Annotated[list[Annotated[Constant | Value | Checksum, Field(discriminator="field")]], Field(max_length=32)]
    escape: Escape | None = None

    @model_validator(mode="after")
    def _says_a_number(self) -> "PanelFramesConfig":
        if not any(each.field == "number" for each in self.frame):
            raise unfit("frame_without_number")
        for place, each in enumerate(self.frame):
            if isinstance(each, Checksum) and each.since >= place:
                raise unfit("checksum_of_nothing", place=place)
        return self


def encoded(value: int, how: Value) -> bytes:
    """The value in `how.width` bytes. Raises ValueError when it does not fit."""
    try:
        match how.encoding:
            case "big" | "little":
                return value.to_bytes(how.width, how.encoding)
            case "bcd":
                return bytes.fromhex(_digits(value, 2 * how.width, "0"))
            case "ascii":
                return _digits(value, how.width, how.pad).encode()
    except OverflowError as error:
        raise ValueError(_does_not_fit(value)) from error


def _digits(value: int, count: int, pad: str) -> str:
    digits = str(value).rjust(count, pad)
    if len(digits) > count:
        raise ValueError(_does_not_fit(value))
    return digits


def _does_not_fit(value: int) -> str:
    return f"{value} does not fit the field of the frame that the configuration gives it"


def frame(config: PanelFramesConfig, panel: int, number: int) -> bytes:
    """The bytes that show `number` on `panel`. Raises ValueError for a value that its field cannot hold."""
    values = {"panel": panel, "number": number}
    parts: list[bytes] = []
    for each in config.frame:
        match each:
            case Constant():
                parts.append(bytes.fromhex(each.hex))
            case Value():
                parts.append(encoded(values[each.field], each))
            case Checksum():
                parts.append(_CHECKSUMS[each.kind](b"".join(parts[each.since :])))
    if config.escape is None:
        return b"".join(parts)
    return b"".join(
        part if isinstance(each, Constant) and each.framing else escaped(part, config.escape)
        for each, part in zip(config.frame, parts, strict=True)
    )


def escaped(part: bytes, how: Escape) -> bytes:
    by, xor, special = bytes.fromhex(how.by), bytes.fromhex(how.xor)[0], bytes.fromhex(how.special)
    return b"".join(by + bytes((byte ^ xor,)) if byte in special else bytes((byte,)) for byte in part)


def _panel(config: PanelFramesConfig) -> CallingPanel:
    return CallingPanel(config, lambda panel, number: frame(config, panel, number))


DRIVER = Driver(
    PanelFramesConfig,
    _panel,
    About(
        title="Calling panel whose frame stands in the configuration",
        title_zh="叫号屏（帧格式写在配置里）",
        kind="panel",
        transport="serial",
        models=("any panel that takes a number in a frame of its own",),
        source="this driver's own text; its two examples are the frames of panel_sum8 and panel_proview",
        wiring="as the panel's document says; 8N1",
        proof="own",
    ),
)

"""Configuration of cameras and of recognition. No heavy import."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge_agent.devices.base import BaseDeviceConfig

FACES_DEVICE = "faces"
"""The pseudo-device that a node's face events come from."""
Fraction = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Fraction, Fraction]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UsbSource(Section):
    """A UVC camera: `device` is a path such as /dev/video0 or a stable one below /dev/v4l/by-id."""

    kind: Literal["usb"]
    device: str
    width: Annotated[int, Field(ge=160, le=7680)] = 1280
    height: Annotated[int, Field(ge=120, le=4320)] = 720
    fps: Annotated[float, Field(gt=0, le=120)] = 15


class CsiSource(Section):
    """The Pi's camera connector, read through the `rpicam-vid` program of Raspberry Pi OS."""

    kind: Literal["csi"]
    camera: Annotated[int, Field(ge=0, le=9)] = 0
    width: Annotated[int, Field(ge=160, le=7680)] = 1280
    height: Annotated[int, Field(ge=120, le=4320)] = 720
    fps: Annotated[float, Field(gt=0, le=120)] = 15


class NetworkSource(Section):
    """A network camera: `rtsp` or `mjpeg` (HTTP). The password never stands in the URL."""

    kind: Literal["rtsp", "mjpeg"]
    url: str
    password_file: str = ""
    transport: Literal["tcp", "udp"] = "tcp"

    @model_validator(mode="after")
    def _url_fits(self) -> "NetworkSource":
        parts = urlsplit(self.url)
        schemes = ("rtsp",) if self.kind == "rtsp" else ("http", "https")
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"url: a camera of kind {self.kind} is reached at {schemes[0]}://address/…")
        if parts.password:
            raise ValueError("url: the password does not belong here; put it into a file and name it in password_file")
        return self


class FileSource(Section):
    """A recorded video or a folder of pictures, at its own or the given pace."""

    kind: Literal["file"]
    path: Path
    loop: bool = False
    fps: Annotated[float, Field(gt=0, le=240)] | None = None


SourceConfig = Annotated[UsbSource | CsiSource | NetworkSource | FileSource, Field(discriminator="kind")]


class LineConfig(Section):
    """A line on the floor, in fractions of the picture. Walking from its left to its right side is `in`.

    Left and right as seen by who walks from `from_` to `to`. `hysteresis`: how far beyond the line, in fractions of the
    picture's height, a person must get before it counts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    line: Annotated[int, Field(ge=1, le=16)] = 1
    from_: Annotated[Point, Field(alias="from")]
    to: Point
    hysteresis: Annotated[float, Field(ge=0.005, le=0.5)] = 0.03

    @model_validator(mode="after")
    def _has_length(self) -> "LineConfig":
        if self.from_ == self.to:
            raise ValueError("from and to are the same point: a line needs two ends")
        return self


class PeopleConfig(Section):
    """Counting people through a camera, anonymously. `model`: an ONNX file of the office, in the YOLOX layout."""

    model: Path
    lines: Annotated[list[LineConfig], Field(min_length=1)]
    confidence: Fraction = 0.4
    input_side: Annotated[int, Field(ge=160, le=1280)] = 416


class CameraConfig(BaseDeviceConfig):
    """`faces`: what this camera is for. `min_face`: the smallest face worth recognising, shorter side in pixels."""

    driver: Literal["camera"]
    source: SourceConfig
    faces: Literal["recognise", "enrol", "both", "off"] = "recognise"
    rotate: Literal[0, 90, 180, 270] = 0
    min_face: Annotated[int, Field(ge=20, le=1000)] = 60
    frozen_seconds: Annotated[float, Field(ge=1, le=600)] = 8.0
    people: PeopleConfig | None = None

    @property
    def can_be_doubled(self) -> bool:
        return False

    @property
    def recognises(self) -> bool:
        return self.faces in ("recognise", "both")

    @property
    def enrols(self) -> bool:
        return self.faces in ("enrol", "both")


class InsightfaceConfig(Section):
    """The office's own model pack. `licence_acknowledged` repeats a sentence that `--check` prints."""

    model_dir: Path
    licence_acknowledged: str = ""


class EnrolConfig(Section):
    """When a picture is good enough to enrol from, and how long one may take.

    `apart_seconds` lie at least between two shots. A second face disturbs from `other_share` of the first one's size.
    `min_face` and `farther_share`: the face's shorter side, in pixels at least and as a share of the picture's shorter
    side at most. `turned_most`: degrees, about each axis; `sharpness` as `faces.quality` measures it. `still_share`:
    how far a face may move, in its own widths a second. `lost_seconds` without a picture end it. Its last state may be
    read for `linger_seconds` after the end. `sync_seconds`: how long a start waits for the gateway's word on the
    consent. `preview_fps` and `preview_side` (pixels): the most the preview shows.
    """

    apart_seconds: Annotated[float, Field(ge=0.1, le=5)] = 0.4
    min_face: Annotated[int, Field(ge=40, le=1000)] = 100
    farther_share: Fraction = 0.85
    other_share: Fraction = 0.35
    still_share: Annotated[float, Field(gt=0, le=10)] = 0.8
    turned_most: Annotated[float, Field(ge=5, le=60)] = 20.0
    sharpness: Annotated[float, Field(ge=0, le=2)] = 0.1
    lost_seconds: Annotated[float, Field(ge=1, le=60)] = 6.0
    linger_seconds: Annotated[float, Field(ge=0, le=60)] = 10.0
    sync_seconds: Annotated[float, Field(ge=0.1, le=30)] = 4.0
    preview_fps: Annotated[float, Field(ge=1, le=30)] = 12.0
    preview_side: Annotated[int, Field(ge=160, le=1280)] = 640


class MatchingConfig(Section):
    """When a person counts as recognised, and what bounds the work. Times in seconds.

    `votes_needed` of the last `looks` at one track must agree. The same person is not reported twice on one camera
    within `quiet_seconds`. A track not heard of for `track_idle_seconds` is over. `queue` bounds the looks that wait;
    the oldest are dropped. A probe for another node's vault is worthless after `probe_seconds`; a camera node sends no
    more than `probes_per_second`. The consent copy is compared every `ask_seconds`; after `answer_seconds` without an
    answer it asks again.
    """

    votes_needed: Annotated[int, Field(ge=1, le=20)] = 3
    looks: Annotated[int, Field(ge=1, le=100)] = 5
    quiet_seconds: Annotated[float, Field(ge=0, le=3600)] = 60.0
    track_idle_seconds: Annotated[float, Field(ge=1, le=600)] = 30.0
    queue: Annotated[int, Field(ge=1, le=1000)] = 64
    probe_seconds: Annotated[float, Field(ge=1, le=120)] = 20.0
    probes_per_second: Annotated[float, Field(gt=0, le=100)] = 10.0
    ask_seconds: Annotated[float, Field(ge=0.05, le=600)] = 60.0
    answer_seconds: Annotated[float, Field(ge=0.05, le=60)] = 5.0

    @model_validator(mode="after")
    def _reachable(self) -> "MatchingConfig":
        if self.votes_needed > self.looks:
            raise ValueError("votes_needed is larger than looks: nobody would ever be recognised")
        return self


class FacesConfig(Section):
    """`vault` is set on one node of an office. Keys never lie beside the vault: `key_file` in another folder.

    What cannot be used (weights, key file, vault, engine) is tried again every `retry_seconds`.
    """

    models: Path
    engine: Literal["opencv", "insightface"] = "opencv"
    copy_: Annotated[Path, Field(alias="copy")]
    key_file: Path
    vault: Path | None = None
    preview_port: Annotated[int, Field(ge=0, le=65535)] = 8090
    detect_side: Annotated[int, Field(ge=160, le=1920)] = 640
    insightface: InsightfaceConfig | None = None
    enrol: EnrolConfig = EnrolConfig()
    matching: MatchingConfig = MatchingConfig()
    retry_seconds: Annotated[float, Field(ge=0.1, le=600)] = 20.0

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="after")
    def _fits(self) -> "FacesConfig":
        if self.engine == "insightface" and self.insightface is None:
            raise ValueError('engine = "insightface" needs a section [faces.insightface]')
        if self.vault is not None and self.vault.parent == self.key_file.parent:
            raise ValueError("key_file lies beside the vault: a copied folder would give away both; use another folder")
        return self

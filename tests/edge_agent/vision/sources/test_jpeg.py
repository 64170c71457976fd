"""Pictures out of bytes: any portions, noise between, broken off, too large."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.vision.ports import SourceError
from edge_agent.vision.sources.jpeg import LARGEST_PICTURE, JpegStream, decode, size
from tests.edge_agent.vision.sources.pictures import jpeg, room, shade

ONE, OTHER = jpeg(room(60, 320, 240)), jpeg(room(180, 320, 240))
THUMBNAIL = b"\xff\xe1" + struct.pack(">H", len(OTHER) + 2) + OTHER
WITH_THUMBNAIL = ONE[:2] + THUMBNAIL + ONE[2:]


def fed(data: bytes, portion: int) -> list[bytes]:
    stream = JpegStream()
    return [found for at in range(0, len(data), portion) for found in stream.feed(data[at : at + portion])]


@pytest.mark.parametrize("portion", [1, 7, 1024, 10**6])
def test_whole_pictures_come_out_of_any_portions(portion: int) -> None:
    data = b"HTTP trash --frame\r\n" + ONE + b"\r\n--frame\xff\xd8\r\n" + OTHER + b"\xff\xd9" + WITH_THUMBNAIL
    assert fed(data, portion) == [ONE, OTHER, WITH_THUMBNAIL]


def test_progressive_pictures_and_restart_markers_are_pictures_too() -> None:
    flags = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 2]
    data = bytes(cv2.imencode(".jpg", room(90, 320, 240), flags)[1])
    assert fed(ONE + data + OTHER, 100) == [ONE, data, OTHER]


@pytest.mark.parametrize("kept", [3, 30, 300, len(ONE) // 2, len(ONE) - 1])
def test_a_picture_broken_off_costs_only_itself(kept: int) -> None:
    found = fed(ONE[:kept] + OTHER + ONE + OTHER, 512)
    assert found[-2:] == [ONE, OTHER]


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 400))
def test_no_noise_hides_the_picture_after_the_next(noise: bytes, portion: int) -> None:
    # What looks like a segment may swallow up to 65 kB: that is the most that noise can cost.
    found = fed(noise + b"\x00" * 70_000 + ONE, max(portion, 50))
    assert found[-1:] == [ONE]


def test_noise_is_counted_and_not_kept() -> None:
    stream = JpegStream()
    for _ in range(64):
        stream.feed(b"<html>" * 1000)
    assert stream.noise > 64 * 5_900
    assert stream.feed(ONE) == [ONE] and stream.noise == 0


def test_a_picture_without_an_end_is_not_kept_for_ever() -> None:
    stream = JpegStream()
    head = ONE[: ONE.index(b"\xff\xda") + 14]
    stream.feed(head)
    for _ in range(LARGEST_PICTURE // 2**20 + 2):
        assert stream.feed(b"\x11" * 2**20) == []
    assert stream.noise >= LARGEST_PICTURE
    assert stream.feed(ONE) == [ONE]


def test_the_size_is_read_without_decoding() -> None:
    assert size(ONE) == size(WITH_THUMBNAIL) == (320, 240)
    assert size(bytes(cv2.imencode(".png", room(1, 64, 48))[1])) == (64, 48)
    assert size(b"GIF89a") is None


def test_a_picture_of_more_than_8192_pixels_a_side_is_refused_before_it_is_decoded() -> None:
    vast = bytearray(ONE)
    at = vast.index(b"\xff\xc0")
    vast[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
    with pytest.raises(SourceError, match="65000 × 65000 is refused"):
        decode(bytes(vast))
    widest = np.zeros((16, 8192, 3), np.uint8)
    decoded = decode(jpeg(widest))
    assert decoded is not None and decoded.shape == (16, 8192, 3)


def test_damaged_bytes_are_no_picture() -> None:
    assert decode(b"\xff\xd8\xff\xe0") is None and decode(b"") is None
    good = decode(ONE)
    assert good is not None and abs(shade(good) - 60) < 3

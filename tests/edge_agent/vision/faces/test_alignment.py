"""Turning and scaling of a synthetic head of five points is measured back."""

import cmath
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.vision.faces.alignment import STANDARD, Landmarks, pose, share_outside, to_standard

HEAD = [(-0.5, 0.0, 0.0), (0.5, 0.0, 0.0), (0.0, 0.494 * 1.155, 0.5), (-0.41, 1.155, 0.0), (0.41, 1.155, 0.0)]
"""Across, down and towards the camera, in distances between the eyes."""
STANDARD_FACE: Landmarks = tuple((point.real, point.imag) for point in STANDARD)


def seen(
    yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, size: float = 60.0, at: complex = 300 + 200j
) -> Landmarks:
    """The head turned by those degrees, seen from afar."""
    a, b = math.radians(yaw), math.radians(pitch)
    points = []
    for x, y, z in HEAD:
        x, z = x * math.cos(a) + z * math.sin(a), z * math.cos(a) - x * math.sin(a)
        y = y * math.cos(b) + z * math.sin(b)
        point = at + size * complex(x, y) * cmath.exp(1j * math.radians(roll))
        points.append((point.real, point.imag))
    return tuple(points)


@given(yaw=st.floats(-60, 60), roll=st.floats(-170, 170))
def test_yaw_and_roll_are_measured_back(yaw: float, roll: float) -> None:
    measured = pose(seen(yaw=yaw, roll=roll))
    assert measured.yaw == pytest.approx(yaw, abs=1.0)
    assert measured.roll == pytest.approx(roll, abs=1.0)
    assert measured.pitch == pytest.approx(0.0, abs=1.0)


@given(pitch=st.floats(-50, 50))
def test_pitch_is_measured_back(pitch: float) -> None:
    measured = pose(seen(pitch=pitch))
    assert measured.pitch == pytest.approx(pitch, abs=1.0)
    assert measured.yaw == pytest.approx(0.0, abs=1.0)


@given(yaw=st.floats(-40, 40), pitch=st.floats(-30, 30), roll=st.floats(-40, 40))
def test_turned_every_way_at_once_it_is_good_to_ten_degrees(yaw: float, pitch: float, roll: float) -> None:
    measured = pose(seen(yaw, pitch, roll))
    assert measured.yaw == pytest.approx(yaw, abs=10)
    assert measured.pitch == pytest.approx(pitch, abs=10)
    assert measured.roll == pytest.approx(roll, abs=10)


@given(size=st.floats(5, 500), roll=st.floats(-180, 180), x=st.floats(-500, 500))
def test_any_turned_and_scaled_standard_face_goes_to_the_standard_places(size: float, roll: float, x: float) -> None:
    turn = size * cmath.exp(1j * math.radians(roll))
    landmarks = tuple(((turn * p + x).real, (turn * p + x).imag) for p in STANDARD)
    transform = to_standard(landmarks)
    for point, place in zip(landmarks, STANDARD, strict=True):
        assert abs(transform(complex(*point)) - place) < 1e-6
        assert abs(transform.back(place) - complex(*point)) < 1e-5
    assert transform.scale == pytest.approx(1 / size)


def test_the_share_outside_is_what_the_edge_cuts_off() -> None:
    assert share_outside(STANDARD_FACE, 112, 112) == 0.0
    assert share_outside(STANDARD_FACE, 56, 112) == pytest.approx(0.5)
    assert share_outside(STANDARD_FACE, 112, 28) == pytest.approx(0.75)
    assert share_outside(tuple((x - 1000, y) for x, y in STANDARD_FACE), 112, 112) == 1.0


@pytest.mark.parametrize("landmarks", [((1.0, 1.0),) * 5, ((0.0, 0.0), (1.0, 0.0))])
def test_what_is_no_face_is_said(landmarks: Landmarks) -> None:
    with pytest.raises(ValueError, match="landmarks"):
        to_standard(landmarks)

"""Synthetic conditions for scripts/accuracy.py: what distance, blur, light, masks, rotation and reproduction do.

Each takes a portrait and where its face is, and gives the frame that a camera of 1280 × 720 might have taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

Image = Any
FRAME = (720, 1280)
NEAR = 120
"""Pixels: face width wherever distance is not the question."""
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Portrait:
    image: Image
    box: tuple[float, float, float, float]
    landmarks: Any


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    apply: Callable[[Portrait], Image]


def _on_frame(image: Image, shade: int = 120) -> Image:
    frame = np.full((*FRAME, 3), shade, dtype=np.uint8)
    image = image[: FRAME[0], : FRAME[1]]
    top, left = (FRAME[0] - image.shape[0]) // 2, (FRAME[1] - image.shape[1]) // 2
    frame[top : top + image.shape[0], left : left + image.shape[1]] = image
    return frame


def at_width(portrait: Portrait, width: float) -> Image:
    """The head and shoulders, scaled so that the face is `width` pixels wide, in a frame."""
    x, y, w, h = portrait.box
    reach = 1.6 * max(w, h)
    left, top = max(0, int(x + w / 2 - reach)), max(0, int(y + h / 2 - reach))
    around = portrait.image[top : int(y + h / 2 + reach), left : int(x + w / 2 + reach)]
    scale = width / w
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return _on_frame(cv2.resize(around, None, fx=scale, fy=scale, interpolation=how))


def near(change: Callable[[Image], Image]) -> Callable[[Portrait], Image]:
    return lambda portrait: change(at_width(portrait, NEAR))


def gaussian(sigma: float) -> Callable[[Portrait], Image]:
    return near(lambda image: cv2.GaussianBlur(image, (0, 0), sigma))


def motion(length: int) -> Callable[[Portrait], Image]:
    kernel = np.zeros((length, length), dtype=np.float32)
    kernel[length // 2] = 1 / length
    return near(lambda image: cv2.filter2D(image, -1, kernel))


def dimmed(gain: float, noise: float) -> Callable[[Portrait], Image]:
    def change(image: Image) -> Image:
        random = np.random.default_rng(SEED)
        dark = image.astype(np.float32) * gain + random.normal(0, noise, image.shape)
        return np.clip(dark, 0, 255).astype(np.uint8)

    return near(change)


def dimmed_and_brightened(gain: float, noise: float) -> Callable[[Portrait], Image]:
    """What a camera with automatic gain makes of the same darkness: bright again, noise and all."""

    def change(image: Image) -> Image:
        random = np.random.default_rng(SEED)
        dark = np.clip(image.astype(np.float32) * gain + random.normal(0, noise, image.shape), 0, 255).astype(np.uint8)
        return np.clip(dark.astype(np.float32) / gain, 0, 255).astype(np.uint8)

    return near(change)


def overexposed(gain: float) -> Callable[[Portrait], Image]:
    return near(lambda image: np.clip(image.astype(np.float32) * gain, 0, 255).astype(np.uint8))


def side_light(least: float) -> Callable[[Portrait], Image]:
    """Light from one side: the other side of the face gets `least` of it."""

    def change(image: Image) -> Image:
        half = NEAR / 2
        across = np.clip((np.arange(FRAME[1]) - FRAME[1] / 2 + half) / (2 * half), 0, 1)
        return (image * (least + (1 - least) * across)[None, :, None]).astype(np.uint8)

    return near(change)


def turned(degrees: float) -> Callable[[Portrait], Image]:
    centre = (FRAME[1] / 2, FRAME[0] / 2)
    matrix = cv2.getRotationMatrix2D(centre, degrees, 1.0)
    return near(lambda image: cv2.warpAffine(image, matrix, (FRAME[1], FRAME[0]), borderMode=cv2.BORDER_REPLICATE))


def masked(portrait: Portrait) -> Image:
    """A light blue mask from the bridge of the nose to below the chin, drawn by the landmarks."""
    x, y, w, h = portrait.box
    _, _, nose, right, left = (np.array(point) for point in portrait.landmarks)
    top = nose[1] - 0.06 * h
    outline = [
        (x + 0.04 * w, top),
        (nose[0], top - 0.06 * h),
        (x + 0.96 * w, top),
        (x + 0.9 * w, left[1] + 0.05 * h),
        (x + 0.68 * w, y + 1.0 * h),
        (x + 0.32 * w, y + 1.0 * h),
        (x + 0.1 * w, right[1] + 0.05 * h),
    ]
    return _painted(portrait, outline, (214, 190, 160))


def sunglasses(portrait: Portrait) -> Image:
    """A dark band across both eyes."""
    x, _, w, h = portrait.box
    right, left = (np.array(point) for point in portrait.landmarks[:2])
    outline = [
        (x, right[1] - 0.09 * h),
        (x + w, left[1] - 0.09 * h),
        (x + w, left[1] + 0.08 * h),
        (x, right[1] + 0.08 * h),
    ]
    return _painted(portrait, outline, (25, 25, 25))


def _painted(portrait: Portrait, outline: list[tuple[float, float]], colour: tuple[int, int, int]) -> Image:
    image = portrait.image.copy()
    cv2.fillPoly(image, [np.array(outline, dtype=np.int32)], colour, lineType=cv2.LINE_AA)
    return at_width(Portrait(image, portrait.box, portrait.landmarks), NEAR)


def printed(portrait: Portrait) -> Image:
    """A print held up to the camera, a little askew: flatter contrast, paper border, blur, noise."""
    return _held_up(portrait, contrast=0.75, lift=35, border=245)


def on_a_phone(portrait: Portrait) -> Image:
    """A telephone's screen held up to the camera: black border, bluish, pixel grid, blur, noise."""
    return _held_up(portrait, contrast=1.05, lift=5, border=15, tint=(1.1, 1.0, 0.95), grid=0.12)


def _held_up(
    portrait: Portrait,
    *,
    contrast: float,
    lift: float,
    border: int,
    tint: tuple[float, float, float] = (1, 1, 1),
    grid: float = 0.0,
) -> Image:
    random = np.random.default_rng(SEED)
    x, y, w, h = portrait.box
    reach = 1.1 * max(w, h)
    left, top = max(0, int(x + w / 2 - reach)), max(0, int(y + h / 2 - reach))
    shown = portrait.image[top : int(y + h / 2 + reach), left : int(x + w / 2 + reach)]
    scale = 2.2 * NEAR / shown.shape[1]
    shown = cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32)
    shown = shown * contrast * np.array(tint, dtype=np.float32) + lift
    shown[::3, :] *= 1 - grid
    shown = cv2.copyMakeBorder(np.clip(shown, 0, 255).astype(np.uint8), 14, 14, 14, 14, 0, value=(border,) * 3)
    height, width = shown.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    askew = corners + np.array([(8, 4), (-4, 16), (-14, -6), (4, -12)], dtype=np.float32)
    offset = np.array([(FRAME[1] - width) / 2, (FRAME[0] - height) / 2], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, askew + offset)
    frame = cv2.warpPerspective(shown, matrix, (FRAME[1], FRAME[0]), borderValue=(110, 110, 110))
    frame = cv2.GaussianBlur(frame, (0, 0), 0.8).astype(np.float32) + random.normal(0, 3, (*FRAME, 3))
    frame = np.clip(frame, 0, 255).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], cv2.IMREAD_COLOR)


def morph(one: Portrait, other: Portrait, share: float) -> Image:
    """A face that is `other` by `share`: both laid eye on eye and mouth on mouth, then mixed pixel by pixel."""
    side = 4 * NEAR
    middle = (_canonical(one, side).astype(np.float32), _canonical(other, side).astype(np.float32))
    mixed = (middle[0] * (1 - share) + middle[1] * share).astype(np.uint8)
    return _on_frame(mixed)


def _canonical(portrait: Portrait, side: int) -> Image:
    eyes_and_mouth = np.array([(0.40, 0.40), (0.60, 0.40), (0.50, 0.52), (0.42, 0.64), (0.58, 0.64)]) * side
    matrix, _ = cv2.estimateAffinePartial2D(np.array(portrait.landmarks), eyes_and_mouth, method=cv2.LMEDS)
    return cv2.warpAffine(portrait.image, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)


DISTANCES = (16, 20, 24, 30, 40, 50, 60, 80, 120)
CONDITIONS: dict[str, list[Condition]] = {
    "blur": [
        Condition("sharp", gaussian(0.01)),
        *(Condition(f"out of focus, σ {sigma} px", gaussian(sigma)) for sigma in (2, 3, 4, 6, 8)),
        *(Condition(f"moving, {length} px", motion(length)) for length in (9, 15, 25)),
    ],
    "light": [
        Condition("½ of the light", dimmed(0.5, 2)),
        Condition("¼ of the light", dimmed(0.25, 2)),
        Condition("⅒ of the light", dimmed(0.1, 2)),
        Condition("¼, amplified by the camera", dimmed_and_brightened(0.25, 3)),
        Condition("⅒, amplified by the camera", dimmed_and_brightened(0.1, 3)),
        Condition("1.6 × overexposed", overexposed(1.6)),
        Condition("2.5 × overexposed", overexposed(2.5)),
        Condition("from one side, ⅓ on the other", side_light(0.33)),
        Condition("from one side, ⅒ on the other", side_light(0.1)),
    ],
    "covered": [Condition("mask over mouth and nose", masked), Condition("sunglasses", sunglasses)],
    "turned": [Condition(f"head tilted {degrees}°", turned(degrees)) for degrees in (15, 30, 45, 90, 180)],
    "reproduced": [
        Condition("a print held up to the camera", printed),
        Condition("a telephone's screen held up to the camera", on_a_phone),
    ],
}

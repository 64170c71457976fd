"""The kiosk's picture: towers on a lake shore, drawn by the program itself, so it needs no licence but ours."""

import random
from functools import cache

WIDTH, HEIGHT, SHORE = 1080, 1180, 700
_SEED = 20

_TOWERS: tuple[tuple[int, int, int], ...] = (
    # left edge, width, height above the shore
    (60, 92, 250),
    (172, 84, 330),
    (286, 104, 420),
    (432, 96, 300),
    (560, 110, 470),
    (704, 92, 360),
    (826, 100, 290),
    (950, 84, 225),
)


@cache
def scene() -> str:
    """A complete SVG document, the same on every call."""
    chance = random.Random(_SEED)  # noqa: S311 - a drawing, not a secret
    skyline = "".join(_tower(chance, *tower) for tower in _TOWERS) + _podium()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMid slice">'
        f"{_definitions()}{_sky(chance)}{_hills()}"
        f'<g id="skyline">{skyline}{_trees(chance)}</g>{_lake(chance)}</svg>'
    )


def _definitions() -> str:
    def gradient(name: str, *stops: tuple[float, str, float], turn: str = 'x1="0" y1="0" x2="0" y2="1"') -> str:
        body = "".join(f'<stop offset="{o}" stop-color="{c}" stop-opacity="{a}"/>' for o, c, a in stops)
        return f'<linearGradient id="{name}" {turn}>{body}</linearGradient>'

    return (
        "<defs>"
        + gradient("sky", (0, "#0C4152", 1), (0.36, "#2C7F8E", 1), (0.62, "#9CC6BE", 1), (0.82, "#F6DDB0", 1))
        + gradient("far", (0, "#7FB0AF", 1), (1, "#BFD3C0", 1))
        + gradient("mid", (0, "#4E8C92", 1), (1, "#8DB6AE", 1))
        + gradient("near", (0, "#2D6C74", 1), (1, "#5B938F", 1))
        + gradient("glass", (0, "#F7FAF8", 1), (1, "#C9DCDA", 1))
        + gradient("glass2", (0, "#E9F1EF", 1), (1, "#A9C6C7", 1))
        + gradient("shade", (0, "#0A3945", 0.34), (1, "#0A3945", 0.16), turn='x1="0" y1="0" x2="1" y2="0"')
        + gradient("water", (0, "#5E9FA4", 1), (0.2, "#2B7684", 1), (0.55, "#124F5F", 1), (1, "#072B36", 1))
        + gradient("veil", (0, "#0B3A47", 0.1), (0.5, "#0B3A47", 0.62), (1, "#072B36", 1))
        + '<radialGradient id="glow"><stop offset="0" stop-color="#FFF3D6"/><stop offset=".35" stop-color="#FFE3A8" '
        'stop-opacity=".75"/><stop offset="1" stop-color="#FFE3A8" stop-opacity="0"/></radialGradient></defs>'
    )


def _sky(chance: random.Random) -> str:
    clouds = "".join(
        f'<ellipse cx="{chance.randint(-40, 1120)}" cy="{chance.randint(230, 470)}" rx="{chance.randint(120, 260)}" '
        f'ry="{chance.randint(5, 12)}" fill="#fff" opacity="{chance.uniform(0.1, 0.26):.2f}"/>'
        for _ in range(11)
    )
    birds = "".join(
        f'<path d="M{x} {y}q9 -9 16 0q7 -9 16 0" fill="none" stroke="#0A3945" stroke-width="3" stroke-linecap="round" '
        'opacity=".55"/>'
        for x, y in ((770, 205), (826, 178), (872, 222), (812, 238))
    )
    return (
        f'<rect width="{WIDTH}" height="{SHORE + 20}" fill="url(#sky)"/>'
        '<circle cx="800" cy="560" r="250" fill="url(#glow)"/><circle cx="800" cy="560" r="62" fill="#FFF6E0"/>'
        f"{clouds}{birds}"
    )


def _hills() -> str:
    far = "M0 560C120 470 210 500 300 450S470 390 560 470 760 520 850 440 1000 420 1080 480V720H0Z"
    mid = "M0 610C90 560 200 590 310 540S520 530 640 580 870 560 960 520 1040 540 1080 560V720H0Z"
    near = "M0 660C160 620 260 650 380 628S640 650 760 632 980 622 1080 640V720H0Z"
    layers = ((far, "far", 0.75), (mid, "mid", 0.8), (near, "near", 0.9))
    return "".join(f'<path d="{path}" fill="url(#{fill})" opacity="{seen}"/>' for path, fill, seen in layers)


def _tower(chance: random.Random, left: int, width: int, height: int) -> str:
    top = SHORE - height
    face = "glass" if chance.random() < 0.6 else "glass2"
    parts = [
        _rect(left, top, width, height, f"url(#{face})", rx=5),
        _rect(left + width * 0.64, top, width * 0.36, height, "url(#shade)", rx=5),
        _rect(left + width * 0.28, top - 20, width * 0.44, 22, "#DCE8E6", rx=3),
        _rect(left - 4, top - 4, width + 8, 9, "#C8923A", rx=3),
    ]
    columns = width // 17
    pitch = (width - 12) / columns
    for storey in range((height - 44) // 19):
        y = top + 18 + storey * 19
        parts.append(_rect(left, y + 13, width, 2, "#7FA4A6", seen=0.55))
        for column in range(columns):
            lit = chance.random() < 0.13
            colour, seen = ("#F2B95A", 0.95) if lit else ("#3E7C88", chance.uniform(0.55, 0.85))
            parts.append(_rect(left + 7 + column * pitch, y, pitch - 4, 11, colour, rx=1.5, seen=seen))
    return "".join(parts)


def _podium() -> str:
    posts = "".join(_rect(x, 664, 5, 34, "#7D9A98") for x in range(412, 700, 22))
    return (
        '<path d="M384 664L400 642H692L708 664Z" fill="#F4EBDA"/>'
        f"{_rect(384, 660, 324, 6, '#C8923A')}{_rect(400, 666, 292, 34, '#F6D9A0')}{posts}"
    )


def _trees(chance: random.Random) -> str:
    greens = ("#1F5F55", "#2B7463", "#3C8670", "#175049")
    crowns = []
    x = -10
    while x < WIDTH + 20:
        size = chance.randint(13, 30)
        if not 392 < x < 696 or size < 17:
            crowns.append(
                f'<ellipse cx="{x}" cy="{SHORE - size * 0.62:.0f}" rx="{size}" ry="{size * 0.86:.0f}" '
                f'fill="{chance.choice(greens)}"/>'
            )
        x += chance.randint(13, 27)
    return "".join(crowns) + f'<rect y="{SHORE - 7}" width="{WIDTH}" height="9" fill="#E9DCC2"/>'


def _lake(chance: random.Random) -> str:
    ripples = "".join(
        _rect(
            chance.randint(-60, 1040),
            y,
            chance.randint(50, 240),
            2 if y < 860 else 3,
            "#EAF6F4",
            rx=1.5,
            seen=max(0.05, 0.36 - (y - SHORE) / 1100),
        )
        for y in range(SHORE + 12, 1060, 9)
    )
    depth = HEIGHT - SHORE
    return (
        _rect(0, SHORE, WIDTH, depth, "url(#water)")
        + f'<g opacity=".3" transform="matrix(1 0 0 -.62 0 {SHORE * 1.62:.0f})"><use href="#skyline"/></g>'
        + ripples
        + _shimmer(chance)
        + _BOAT
        + _rect(0, SHORE + 130, WIDTH, depth - 130, "url(#veil)")
    )


def _shimmer(chance: random.Random) -> str:
    """The sun's path on the water."""
    lines = []
    for step in range(15):
        width = max(24, 120 - step * 6)
        left, top = 800 - width / 2 + chance.randint(-14, 14), SHORE + 14 + step * 15
        lines.append(_rect(left, top, width, 4, "#FFE9BF", rx=2, seen=max(0.12, 0.75 - step * 0.045)))
    return "".join(lines)


_BOAT = (
    '<g transform="translate(884 812)"><path d="M0 0h92l-14 18H16Z" fill="#F4EBDA"/>'
    '<path d="M44 -4V-74L88 -8Z" fill="#fff"/><path d="M40 -4V-62L8 -8Z" fill="#F0C77C"/>'
    '<path d="M6 26h80" stroke="#EAF6F4" stroke-width="3" opacity=".5"/></g>'
)


def _rect(x: float, y: float, width: float, height: float, fill: str, *, rx: float = 0, seen: float = 1) -> str:
    round_ = f' rx="{rx:g}"' if rx else ""
    faint = f' opacity="{seen:.2f}"' if seen < 1 else ""
    return f'<rect x="{x:.4g}" y="{y:.4g}" width="{width:.4g}" height="{height:.4g}" fill="{fill}"{round_}{faint}/>'

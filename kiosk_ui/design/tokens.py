"""Colours of the product, light and dark, as one table. The style sheet is made from it; a test checks contrasts."""

Palette = dict[str, str]

LIGHT: Palette = {
    "bg": "#F4F2EE",
    "surface": "#FFFFFF",
    "surface-2": "#F1EEE8",
    "line": "#DCD7CE",
    "line-strong": "#7D8A91",
    "ink": "#13222A",
    "ink-2": "#4B5B64",
    "brand": "#0F4C5C",
    "brand-strong": "#0A3945",
    "on-brand": "#FFFFFF",
    "brand-soft": "#DDEBEE",
    "on-brand-soft": "#0B3E4B",
    "accent": "#C8923A",
    "on-accent": "#221500",
    "accent-ink": "#7C4E08",
    "accent-soft": "#F8EBD3",
    "ok": "#17663F",
    "ok-soft": "#DDF0E5",
    "warn": "#7A4B00",
    "warn-soft": "#FBEDCF",
    "bad": "#A8201A",
    "bad-soft": "#FBE3E0",
    "on-bad": "#FFFFFF",
    "focus": "#1668C7",
    "chart-1": "#0F6F86",
    "chart-2": "#B37A1F",
    "chart-3": "#3C7D5A",
    "chart-4": "#6D6AA8",
    "chart-muted": "#AAB7BD",
}

DARK: Palette = {
    "bg": "#0A1319",
    "surface": "#12202A",
    "surface-2": "#1A2C37",
    "line": "#293D49",
    "line-strong": "#7C929D",
    "ink": "#EEF4F6",
    "ink-2": "#AEBFC8",
    "brand": "#63C4D8",
    "brand-strong": "#8CD8E7",
    "on-brand": "#04222A",
    "brand-soft": "#163E4A",
    "on-brand-soft": "#BDE9F2",
    "accent": "#E5B562",
    "on-accent": "#271900",
    "accent-ink": "#EBC27A",
    "accent-soft": "#3C2E12",
    "ok": "#74D6A1",
    "ok-soft": "#123527",
    "warn": "#F2C464",
    "warn-soft": "#3C2E0C",
    "bad": "#FF9F95",
    "bad-soft": "#4A1F1B",
    "on-bad": "#2B0503",
    "focus": "#8CC2FF",
    "chart-1": "#4FB7CD",
    "chart-2": "#E0A94B",
    "chart-3": "#6CC598",
    "chart-4": "#A5A2E0",
    "chart-muted": "#566C78",
}

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    ("ink", "bg"),
    ("ink", "surface"),
    ("ink", "surface-2"),
    ("ink-2", "bg"),
    ("ink-2", "surface"),
    ("ink-2", "surface-2"),
    ("brand", "surface"),
    ("brand", "bg"),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-brand-soft", "brand-soft"),
    ("on-accent", "accent"),
    ("accent-ink", "surface"),
    ("accent-ink", "accent-soft"),
    ("ok", "ok-soft"),
    ("ok", "surface"),
    ("warn", "warn-soft"),
    ("warn", "surface"),
    ("bad", "bad-soft"),
    ("bad", "surface"),
    ("on-bad", "bad"),
)
"""Foreground and background tokens that carry text: at least 4.5 : 1 (WCAG 2.2, success criterion 1.4.3)."""

EDGE_PAIRS: tuple[tuple[str, str], ...] = (
    ("line-strong", "surface"),
    ("focus", "surface"),
    ("focus", "bg"),
    ("chart-1", "surface"),
    ("chart-2", "surface"),
)
"""Edges and marks that must be seen: at least 3 : 1 (success criterion 1.4.11)."""


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two `#RRGGBB` colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def style_sheet() -> str:
    """CSS custom properties `--ac-<token>` for light (`:root`) and dark (`.body--dark`)."""
    return f":root{{color-scheme:light;{_properties(LIGHT)}}}.body--dark{{color-scheme:dark;{_properties(DARK)}}}"


def _properties(palette: Palette) -> str:
    return "".join(f"--ac-{name}:{value};" for name, value in palette.items())


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

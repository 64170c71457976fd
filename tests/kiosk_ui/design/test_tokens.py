"""Every pair of colours that carries text or an edge can be read, in light and in dark (WCAG 2.2 AA)."""

import pytest

from kiosk_ui.design.tokens import DARK, EDGE_PAIRS, LIGHT, TEXT_PAIRS, Palette, contrast

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


@PALETTES
@pytest.mark.parametrize("pair", TEXT_PAIRS, ids="-on-".join)
def test_text_is_readable(palette: Palette, pair: tuple[str, str]) -> None:
    assert contrast(palette[pair[0]], palette[pair[1]]) >= 4.5


@PALETTES
@pytest.mark.parametrize("pair", EDGE_PAIRS, ids="-on-".join)
def test_edges_are_visible(palette: Palette, pair: tuple[str, str]) -> None:
    assert contrast(palette[pair[0]], palette[pair[1]]) >= 3


def test_light_and_dark_name_the_same_tokens() -> None:
    assert set(LIGHT) == set(DARK)


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)

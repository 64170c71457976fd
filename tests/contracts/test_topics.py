"""Topics, their filters, and the sources that must agree with them."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.topics import Leaf, Topic, device_source, everywhere, gateway_source

slugs = st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True)
leaves = st.sampled_from(get_args(Leaf))


@given(slugs, slugs, leaves)
def test_a_topic_survives_text_form(office: str, node: str, leaf: Leaf) -> None:
    topic = Topic(office, node, leaf)
    assert Topic.parse(str(topic)) == topic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anchang/v1/yunqi/lobby",
        "anchang/v1/yunqi/lobby/other",
        "anchang/v2/yunqi/lobby/events",
        "anchang/v1/yunqi/lobby/events/more",
        "anchang/v1/YUNQI/lobby/events",
        "anchang/v1/yunqi/+/events",
        "anchang/v1//lobby/events",
        "anchang/v1/yunqi/lobby/events\n",
        "x/anchang/v1/yunqi/lobby/events",
    ],
)
def test_what_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an Anchang topic"):
        Topic.parse(text)


def test_filters_and_sources_have_their_published_form() -> None:
    assert everywhere("yunqi", "events") == "anchang/v1/yunqi/+/events"
    assert device_source("yunqi", "lobby", "door-main") == "/offices/yunqi/nodes/lobby/devices/door-main"
    assert gateway_source("yunqi") == "/offices/yunqi/gateway"

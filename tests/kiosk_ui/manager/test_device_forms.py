"""The forms of the desk's editor of device lists: every driver's settings, what is typed, what differs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.devices.factory import DRIVERS
from kiosk_ui.desk.device_forms import Change, Field, UnfitError, changes, forms, read, shown
from kiosk_ui.texts import LANGUAGES, LanguageCode, catalogue

IDS = st.sampled_from(["a", "b", "c", "d"])
DEVICES = st.lists(
    st.fixed_dictionaries({"id": IDS, "driver": st.just("x")}, optional={"line": st.integers(1, 3)}),
    unique_by=lambda device: device["id"],
)


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_every_setting_of_a_driver_is_asked_for_and_a_default_stays_what_it_is(driver: Any) -> None:
    form = forms()[driver.name]
    assert {field.name for field in form.fields} == set(driver.config.model_fields) - {"driver"}
    for field in form.fields:
        assert field.required == driver.config.model_fields[field.name].is_required()
        if field.default not in (None, ""):
            assert read(field, shown(field, field.default)) == field.default


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ({"kind": "text", "required": True}, "  ", "needed"),
        ({"kind": "integer"}, "1.5", "number"),
        ({"kind": "number", "least": 1}, "0.5", "small"),
        ({"kind": "integer", "most": 247}, "248", "large"),
        ({"kind": "json"}, "{", "json"),
        ({"name": "id", "kind": "text"}, "North Door", "id"),
    ],
)
def test_what_cannot_be_is_said_before_it_is_sent(field: dict[str, Any], typed: str, code: str) -> None:
    with pytest.raises(UnfitError, match=f"^{code}$"):
        read(Field.model_validate({"name": "x", "required": False, **field}), typed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_has_words(language: LanguageCode) -> None:
    for code in ("needed", "id", "number", "json", "small", "large"):
        assert f"desk.devices.unfit.{code}" in catalogue(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_has_a_label(language: LanguageCode) -> None:
    names = {field.name for form in forms().values() for field in form.fields}
    assert [name for name in sorted(names) if f"devices.field.{name}" not in catalogue(language)] == []


def test_a_changed_setting_is_told_with_both_values() -> None:
    before = [{"id": "door", "driver": "x", "url": "/dev/a"}, {"id": "old", "driver": "x"}]
    after = [{"id": "door", "driver": "x", "url": "/dev/b"}, {"id": "new", "driver": "x"}]
    assert changes(before, after) == [
        Change("door", "changed", (("url", "/dev/a", "/dev/b"),)),
        Change("new", "added"),
        Change("old", "removed"),
    ]


@given(DEVICES, DEVICES)
def test_nothing_differs_between_equal_lists_and_every_difference_is_told(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    old, new = ({each["id"]: each for each in devices} for devices in (before, after))
    assert {change.device for change in changes(before, after)} == {
        name for name in {*old, *new} if old.get(name) != new.get(name)
    }
    assert changes(before, list(reversed(before))) == []

"""Whatever number the office goes by, a person can read what it means."""

import pytest

from contracts.policy import PolicyConfig
from kiosk_ui.desk import rules
from kiosk_ui.texts import LANGUAGES, LanguageCode, Texts, catalogue


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_of_the_house_has_words_and_a_value(language: LanguageCode) -> None:
    texts, policy = catalogue(language), PolicyConfig()
    missing = [f for f in PolicyConfig.model_fields if {f"policy.name.{f}", f"policy.what.{f}"} - set(texts)]
    assert missing == []
    assert all(rules.in_words(Texts(language), f, getattr(policy, f)) for f in PolicyConfig.model_fields)

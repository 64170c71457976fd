"""Which doors the first page has."""

from pathlib import Path

from kiosk_ui.config import CentralSection, Config, DemoSection, GatewaySection
from kiosk_ui.home.doors import doors_of
from kiosk_ui.texts import LANGUAGES, Texts

SECRET = Path("secret")
GATEWAY = GatewaySection(kiosk_token_file=SECRET, board_token_file=SECRET)
CENTRAL = CentralSection()


def config(**sections: object) -> Config:
    return Config(storage_secret_file=SECRET, **sections)


def test_an_office_shows_the_doors_it_serves() -> None:
    doors = [door.href for door in doors_of(config(gateway=GATEWAY))]
    assert doors == ["/kiosk", "/tablet", "/reception", "/board", "/desk"]


def test_head_office_shows_the_console_and_the_agents_page() -> None:
    assert [door.href for door in doors_of(config(central=CENTRAL))] == ["/console", "/agent"]


def test_a_demo_leads_to_the_other_process_too() -> None:
    demo = DemoSection(other_url="http://127.0.0.1:8301")
    doors = doors_of(config(gateway=GATEWAY, demo=demo))
    assert [door.href for door in doors[-2:]] == ["http://127.0.0.1:8301/console", "http://127.0.0.1:8301/agent"]


def test_the_telephone_has_a_door_only_where_there_is_a_token_for_it() -> None:
    assert "/phone" not in [door.href for door in doors_of(config(gateway=GATEWAY, demo=DemoSection()))]
    demo = DemoSection(phone_token_file=SECRET)
    assert "/phone" in [door.href for door in doors_of(config(gateway=GATEWAY, demo=demo))]


def test_every_door_has_words_in_both_languages() -> None:
    for language in LANGUAGES:
        t = Texts(language)
        for door in doors_of(config(gateway=GATEWAY, central=CENTRAL, demo=DemoSection(phone_token_file=SECRET))):
            assert all(t(f"home.door.{door.name}.{part}") for part in ("title", "what", "who"))

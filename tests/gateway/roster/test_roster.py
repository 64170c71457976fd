"""Who works here: from an administrator or from central, encrypted, and at hand when central is not."""

from pathlib import Path

from contracts.ids import uuid7
from contracts.rest import Roster, RosterEntry
from gateway.app import Outside
from gateway.roster import store
from tests.gateway.central import FakeCentral
from tests.gateway.running import Gateway, configured, eventually, in_files_of, running, with_central
from tests.gateway.staff import entry, roster


def names(gateway: Gateway) -> list[str]:
    with gateway.context.database.read() as session:
        return [person.name for person in store.people(session, gateway.context.keys)]


async def test_an_administrator_replaces_the_roster(gateway: Gateway) -> None:
    admin = gateway.client("admin")
    first = roster([entry("1001", "李明"), entry("1002", "王芳")])
    answer = await admin.put("/v1/roster", json=first.model_dump(mode="json"))
    assert answer.status_code == 200
    assert Roster.model_validate(answer.json()) == first
    second = roster([entry("1002", "王芳", person_id=first.people[1].person_id)], version=2)
    await admin.put("/v1/roster", json=second.model_dump(mode="json"))
    assert names(gateway) == ["王芳"]
    with gateway.context.database.read() as session:
        assert len(store.names(session, gateway.context.keys)) == 2  # former staff stay known


async def test_names_are_not_in_the_file(gateway: Gateway, tmp_path: Path) -> None:
    await gateway.client("admin").put("/v1/roster", json=roster([entry("1001", "欧阳锋锋")]).model_dump(mode="json"))
    assert names(gateway) == ["欧阳锋锋"]
    assert not in_files_of(tmp_path, "欧阳")


async def test_only_an_administrator_may(gateway: Gateway) -> None:
    for role in ("kiosk", "board", "reception", "manager"):
        assert (await gateway.client(role).put("/v1/roster", json={})).status_code == 403


async def test_a_roster_of_another_office_or_with_doubles_is_refused(gateway: Gateway) -> None:
    admin = gateway.client("admin")
    stranger = roster([]).model_copy(update={"office": "elsewhere"})
    answer = await admin.put("/v1/roster", json=stranger.model_dump(mode="json"))
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_office")
    double = roster([entry("1001", "李明"), entry("1001", "王芳")])
    answer = await admin.put("/v1/roster", json=double.model_dump(mode="json"))
    assert (answer.status_code, answer.json()["code"]) == (422, "roster_not_unique")


async def test_the_roster_comes_from_central_and_stays_when_it_is_away(tmp_path: Path, broker_port: int) -> None:
    central = FakeCentral()
    people: list[RosterEntry] = [entry("1001", "李明", person_id=uuid7())]
    central.roster = roster(people, version=1)
    config = configured(tmp_path, broker_port, **with_central(tmp_path))
    async with running(config, Outside(central=central)) as gateway:
        await eventually(lambda: names(gateway) == ["李明"])
        await eventually(lambda: 304 in central.roster_answers)
        central.roster = roster([*people, entry("1002", "王芳")], version=2)
        await eventually(lambda: names(gateway) == ["李明", "王芳"])
    central.away = True
    async with running(config, Outside(central=central)) as gateway:
        assert names(gateway) == ["李明", "王芳"]


async def test_a_gateway_without_a_roster_asks_again_at_once(tmp_path: Path, broker_port: int) -> None:
    """Central knew the office a moment too late: nobody waits half a minute to sign in."""
    central = FakeCentral()
    settings = with_central(tmp_path)
    settings["central"]["roster_seconds"] = 600
    async with running(configured(tmp_path, broker_port, **settings), Outside(central=central)) as gateway:
        await eventually(lambda: 404 in central.roster_answers)
        central.roster = roster([entry("1001", "李明", person_id=uuid7())], version=1)
        await eventually(lambda: names(gateway) == ["李明"])

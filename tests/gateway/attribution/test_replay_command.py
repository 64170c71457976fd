"""`python -m gateway replay` on a real database: what would change, under which policy, with what gone."""

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import text

from gateway.__main__ import main
from tests.gateway.attribution.test_claims import PHONE, keep, registration
from tests.gateway.house import House

CONFIG = 'office = "yunqi"\noffice_name = "云栖湖岸"\ndatabase = "{0}/gateway.db"\nkeys_file = "{0}/gateway.keys"\n'
DAY = "2026-11-21"
"""The day of a house's clock."""


@pytest.fixture
async def judged(house: House, tmp_path: Path) -> Path:
    """A visit that a channel brought 60 minutes after registering, and one of nobody; the gateway still runs."""
    row = registration(house, "C")
    row.accepted_at += timedelta(seconds=1)
    await keep(house, row)
    await house.check_in(PHONE)
    await house.check_in("13700003333")
    config = tmp_path / "gateway.toml"
    config.write_text(CONFIG.format(tmp_path), encoding="utf-8")
    return config


def replay(config: Path, *more: str, since: str = DAY, until: str = DAY) -> int:
    return main(["replay", "--config", str(config), "--from", since, "--to", until, *more])


def policy_file(config: Path, body: str) -> list[str]:
    file = config.with_name("tried.toml")
    file.write_text(body, encoding="utf-8")
    return ["--policy", str(file)]


def test_under_its_own_policy_nothing_changes(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(judged) == 0
    counts, (summary,) = _parts(capsys.readouterr().out.splitlines())
    assert [line.split() for line in counts] == [
        ["was", "by", "rule", "would", "be", "by", "rule", "verdicts", "visits"],
        ["registration", "registration", "1", "1"],
        ["walk_in", "walk_in", "1", "1"],
    ]
    assert summary == "2 verdicts, 0 would change, 0 cannot be run again, 0 inputs erased"


def test_another_policy_shows_what_would_change(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(judged, *policy_file(judged, "[policy]\nregistration_minutes = 60\n")) == 0
    told = capsys.readouterr().out.splitlines()
    table, counts, (summary,) = _parts(told)
    assert summary == "2 verdicts, 1 would change, 0 cannot be run again, 0 inputs erased"
    assert table[0].split() == ["made", "at", "visit", "what", "was", "would", "be"]
    assert table[1].split()[:2] == [DAY, "10:00:00"]
    assert table[1].split()[3:] == ["source", "channel", "walk_in"]
    assert [line.split()[3] for line in table[2:]] == ["rule", "channel_id", "agent_id", "claim_id"]
    assert [line.split() for line in counts[1:]] == [
        ["registration", "walk_in", "1", "1"],
        ["walk_in", "walk_in", "1", "1"],
    ]


def _parts(lines: list[str]) -> list[list[str]]:
    """What empty lines part."""
    return [part.splitlines() for part in "\n".join(lines).split("\n\n")]


def test_draws_how_often_each_rule_would_give_way(judged: Path) -> None:
    picture = judged.with_name("replay.svg")
    tried = policy_file(judged, "[policy]\nregistration_minutes = 60\n")
    assert replay(judged, *tried, "--picture", str(picture)) == 0
    drawn = ElementTree.parse(picture).getroot()
    said = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert said[0] == f"{DAY} to {DAY}: 2 verdicts, 1 would change"
    assert said[2:] == ["walk_in", "registration", "1", "walk_in", "1"]
    assert replay(judged, "--picture", str(judged / "nowhere.svg")) == 2


def test_only_the_days_asked_for(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for since, until, found in (("2026-11-20", "2026-11-20", 0), ("2026-11-22", "2026-11-30", 0), (DAY, DAY, 2)):
        assert replay(judged, since=since, until=until) == 0
        assert capsys.readouterr().out.splitlines()[-1].startswith(f"{found} verdicts")


async def test_says_which_inputs_were_erased(house: House, judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with house.context.database.read() as session:
        customer, claim = session.execute(
            text("SELECT customer_id, (SELECT registration_id FROM registrations) FROM verdicts WHERE rule = :rule"),
            {"rule": "registration"},
        ).one()
    for statement in ("DELETE FROM registrations", f"DELETE FROM customers WHERE customer_id = '{customer}'"):
        await house.context.writer.run(lambda uow, s=statement: uow.session.execute(text(s)) and None)
    assert replay(judged) == 0
    told = capsys.readouterr().out
    assert f"input erased: customer {customer}" in told
    assert f"input erased: registration {claim}" in told
    assert told.endswith("2 verdicts, 0 would change, 0 cannot be run again, 2 inputs erased\n")


async def test_a_verdict_whose_evidence_is_gone_is_said_to_be(
    house: House, judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    erase = text("UPDATE verdicts SET evidence = '' WHERE rule = 'registration'")
    await house.context.writer.run(lambda uow: uow.session.execute(erase) and None)
    assert replay(judged) == 0
    assert capsys.readouterr().out.endswith("2 verdicts, 0 would change, 1 cannot be run again, 1 inputs erased\n")


def test_refuses_what_it_cannot_read(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(judged, *policy_file(judged, "[policy]\nownership_days = 0\n")) == 2
    assert "policy.ownership_days" in capsys.readouterr().err
    assert replay(judged, "--policy", str(judged.with_name("none.toml"))) == 2
    judged.write_text(judged.read_text(encoding="utf-8").replace("gateway.db", "none.db"), encoding="utf-8")
    assert replay(judged) == 2
    assert "no such database" in capsys.readouterr().err
    assert not judged.with_name("none.db").exists()

"""kill -9 between a commit and a push or a webhook: everything committed is told at least once, doubles under one id.

Both senders tell one after the other, so the first thing held by the server keeps all others at home: the kill then
falls before the answer of the first and before the sending of the rest. In the other test the gateway is frozen when
the answer comes, and killed before it could note it.
"""

import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from contracts.ids import uuid7
from tests.e2e.conftest import roster_known
from tests.gateway.outbound.receiver import SECRET
from tests.support.listener import Listener, listening
from tests.support.office import Office
from tests.support.processes import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
PUSH, WEBHOOK = "/push", "/webhook"
VISITORS = 4


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Office, Listener]]:
    """Open, with an offer to a consultant and three facts of every visitor told to the listener."""
    office = Office(tmp_path, policy="offer_seconds = 180")
    with listening(PUSH, WEBHOOK) as listener:
        try:
            office.write_configs()
            tells(office, listener)
            office.start_broker()
            office.start_central()
            office.provision_central()
            office.start_gateway()
            until(lambda: roster_known(office), seconds=40, what="the roster to arrive")
            for number in range(VISITORS):
                assert office.sign_in(f"A0{number + 1}").post("/v1/rota/sign-in").status_code == 200
            wanted = {"url": listener.url(WEBHOOK), "kinds": ["visit", "verdict", "customer"]}
            assert office.sign_in("ADM").post("/v1/webhooks", json=wanted).status_code == 201
            yield office, listener
        finally:
            office.stop()


def tells(office: Office, listener: Listener) -> None:
    """Add a push channel and the host that webhooks may go to; a server may take a minute to answer."""
    url, secret = office.folder / "push.url", office.folder / "push.secret"
    url.write_text(listener.url(PUSH))
    secret.write_text(SECRET)
    for file in (url, secret):
        file.chmod(0o600)
    config = office.folder / "gateway.toml"
    config.write_text(
        config.read_text()
        + '[outbound]\nhosts = ["127.0.0.1"]\ntimeout_seconds = 60\n'
        + f'[push.house]\nkind = "webhook"\nurl_file = "{url}"\nsecret_file = "{secret}"\nalerts = ["offer"]\n'
    )


def arrive(office: Office, first: int, people: int) -> None:
    with office.kiosk() as kiosk:
        for number in range(first, first + people):
            made = kiosk.post(
                "/v1/checkins", json={"phone": f"1370011{number:04d}"}, headers={"Idempotency-Key": uuid7()}
            )
            assert made.status_code == 201, made.text


def ids(office: Office, query: str) -> set[str]:
    connection = sqlite3.connect(f"file:{office.gateway_db}?mode=ro", uri=True, timeout=10)
    try:
        return {row[0] for row in connection.execute(query)}
    finally:
        connection.close()


def pushes(office: Office, where: str = "1") -> set[str]:
    return ids(office, f"SELECT push_id FROM pushes WHERE {where}")


def facts(office: Office, where: str = "1") -> set[str]:
    return ids(office, f"SELECT message_id FROM webhook_facts WHERE {where}")


def noted(office: Office) -> set[str]:
    """Facts that the gateway knows were taken."""
    return facts(office, "sequence <= (SELECT after FROM webhooks)")


def all_told(office: Office, listener: Listener) -> None:
    """Everything committed was answered for, each under one id with one body, and the gateway has noted it."""
    push, webhook = listener.hooks[PUSH], listener.hooks[WEBHOOK]
    until(lambda: pushes(office) == pushes(office, "state = 'sent'"), seconds=60, what="every push to be noted")
    until(lambda: facts(office) == noted(office), seconds=60, what="every fact to be noted")
    assert set(push.answered) == pushes(office)
    assert set(webhook.answered) == facts(office)
    for hook in (push, webhook):
        assert all(len(bodies) == 1 for bodies in hook.bodies.values()), "one id, two messages"


def test_a_kill_before_the_answer_and_before_the_sending_loses_nothing(office: tuple[Office, Listener]) -> None:
    here, listener = office
    push, webhook = listener.hooks[PUSH], listener.hooks[WEBHOOK]
    arrive(here, 0, VISITORS)
    until(lambda: push.came and webhook.came, seconds=20, what="the first push and the first fact to be under way")

    here.programs["gateway"].kill()

    held = (push.came[0], webhook.came[0])
    at_home = (pushes(here) - {held[0]}, facts(here) - {held[1]})
    assert not push.answered and not webhook.answered, "the kill fell before every answer"
    assert (push.came, webhook.came) == ([held[0]], [held[1]]), "the rest had not left"
    assert held[0] in pushes(here, "state = 'pending'") and held[1] in facts(here), "what was under way was committed"
    assert len(at_home[0]) == VISITORS - 1 and len(at_home[1]) >= 3 * VISITORS - 1, "and so was what had not left"

    push.open.set()
    webhook.open.set()
    here.programs["gateway"].start()
    all_told(here, listener)
    assert push.came.count(held[0]) == webhook.came.count(held[1]) == 2, "what was under way came again, as itself"
    arrive(here, VISITORS, 1)
    all_told(here, listener)


def test_a_kill_between_the_answer_and_its_note_tells_it_again_under_the_same_id(
    office: tuple[Office, Listener],
) -> None:
    here, listener = office
    gateway, push, webhook = here.programs["gateway"], listener.hooks[PUSH], listener.hooks[WEBHOOK]
    arrive(here, 0, VISITORS)
    until(lambda: push.came and webhook.came, seconds=20, what="the first push and the first fact to be under way")
    os.kill(gateway.pid, signal.SIGSTOP)
    push.open.set()
    webhook.open.set()
    until(lambda: push.answered and webhook.answered, seconds=20, what="both to be answered")
    with pytest.raises(httpx.TimeoutException):
        httpx.get(f"{here.gateway_url}/healthz", timeout=0.3)

    gateway.kill()

    assert push.answered == push.came and len(push.came) == 1
    assert webhook.answered == webhook.came and len(webhook.came) == 1
    assert not pushes(here, "state = 'sent'") and not noted(here), "taken, and not known to be"
    gateway.start()
    all_told(here, listener)
    assert push.came.count(push.came[0]) == webhook.came.count(webhook.came[0]) == 2
    assert len(push.came) == len(pushes(here)) + 1, "nothing else was told twice"
    assert len(webhook.came) == len(facts(here)) + 1

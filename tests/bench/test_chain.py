"""How fast the chain is: wire to gateway, kiosk to tablet; and what the programs weigh."""

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect

from tests.bench.conftest import Report, percentile
from tests.e2e.conftest import HALL_TOPIC, World, open_world
from tests.e2e.test_walk_in import sign_in_tablet
from tests.support.devices import milesight_report, mqtt_client
from tests.support.ledger import event_count
from tests.support.office import Office
from tests.support.processes import until

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("bench")) as opened:
        yield opened


def test_device_event_to_commit(world: World, report: Report) -> None:
    """A vendor message is published every 20 ms; its commit is seen by a reader of the gateway's file."""
    publisher = mqtt_client(world.office.ports["broker"], "bench-hall")
    database = world.office.gateway_db
    start = event_count(database, "zone.occupancy.v1")
    seen: dict[int, float] = {}
    stop = threading.Event()

    def watch() -> None:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        known = start
        while not stop.is_set():
            (now,) = connection.execute("SELECT count(*) FROM events WHERE type = 'zone.occupancy.v1'").fetchone()
            for n in range(known, now):
                seen[n - start] = time.perf_counter()
            known = max(known, now)
            stop.wait(0.001)
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    sent = []
    for n in range(500):
        sent.append(time.perf_counter())
        publisher.publish(HALL_TOPIC, milesight_report(n % 60), qos=1)
        time.sleep(0.02)
    until(lambda: len(seen) >= 500, seconds=20, what="500 events committed")
    stop.set()
    watcher.join()
    delays = [(seen[n] - at) * 1000 for n, at in enumerate(sent)]
    report.add(
        "device message → committed at the gateway, 50/s",
        f"p50 {percentile(delays, 0.5):.0f} ms, p95 {percentile(delays, 0.95):.0f} ms",
        "p95 ≤ 100 ms",
    )


def test_five_hundred_events_a_second_from_one_agent(world: World, report: Report) -> None:
    publisher = mqtt_client(world.office.ports["broker"], "bench-load")
    database = world.office.gateway_db
    before = event_count(database, "zone.occupancy.v1")
    total, rate = 15_000, 500
    began = time.perf_counter()
    for n in range(total):
        publisher.publish(HALL_TOPIC, milesight_report(n % 60), qos=1)
        due = began + (n + 1) / rate
        if (ahead := due - time.perf_counter()) > 0:
            time.sleep(ahead)
    sending = time.perf_counter() - began
    until(
        lambda: event_count(database, "zone.occupancy.v1") - before >= total, seconds=60, what="all events", every=0.05
    )
    lag = time.perf_counter() - began - sending
    arrived = event_count(database, "zone.occupancy.v1") - before
    report.add(
        f"one agent at {rate} events/s for {sending:.0f} s",
        f"{total / sending:.0f}/s, {total - arrived} lost or doubled, last one {lag * 1000:.0f} ms after sending",
        "500/s, 0 lost",
    )
    weigh(world, report)


def weigh(world: World, report: Report) -> None:
    for name, title, limit in (
        ("lobby", "the agent", "agent ≤ 120 MB"),
        ("gateway", "the gateway", "gateway ≤ 150 MB"),
    ):
        megabytes = psutil.Process(world.office.programs[name].pid).memory_info().rss / 2**20
        report.add(f"memory of {title} after that load (resident)", f"{megabytes:.0f} MB", limit)


WATCH_OFFERS = """() => {
  window.offersSeen = {};
  const look = () => document.querySelectorAll('[data-offer]').forEach(card => {
    if (!(card.dataset.offer in window.offersSeen) && card.getClientRects().length)
      window.offersSeen[card.dataset.offer] = performance.timeOrigin + performance.now();
  });
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, attributes: true});
  look();
}"""


def test_kiosk_submit_to_alert(world: World, report: Report) -> None:
    """Consultants on sockets and one in a browser; each accepts and finishes at once, so that the rota goes round."""
    page = sign_in_tablet(world, "A01")
    page.evaluate(WATCH_OFFERS)
    outcome: dict[str, list[tuple[str, float, float | None]]] = {}
    driver = threading.Thread(target=lambda: outcome.update(rows=asyncio.run(drive(world.office, rounds=100))))
    driver.start()
    while driver.is_alive():
        page.wait_for_timeout(100)
    shown: dict[str, float] = page.evaluate("() => window.offersSeen")
    sockets = [(seen - at) * 1000 for _, at, seen in outcome["rows"] if seen is not None]
    screen = [shown[o] - at * 1000 for o, at, seen in outcome["rows"] if seen is None and o in shown]
    unseen = sum(1 for o, _, seen in outcome["rows"] if seen is None and o not in shown)
    for name, delays, note in (
        ("at a socket client (4 of them)", sockets, ""),
        ("visible on the browser's tablet", screen, f", {unseen} not seen"),
    ):
        report.add(
            f"kiosk submit → alert {name}",
            f"p50 {percentile(delays, 0.5):.0f} ms, p95 {percentile(delays, 0.95):.0f} ms (n={len(delays)}{note})",
            "p95 ≤ 300 ms",
        )
    page.context.close()


async def drive(office: Office, *, rounds: int) -> list[tuple[str, float, float | None]]:
    """Check in `rounds` visitors; rows of (offer, submitted at, seen by a socket at or None), in seconds since 1970."""
    staff = ["A01", "A02", "A03", "A04", "A05"]
    clients = {n: await asyncio.to_thread(office.sign_in, n) for n in staff}
    seen: dict[str, float] = {}
    listeners = []
    for number in staff[1:]:
        assert clients[number].post("/v1/rota/sign-in").status_code == 200
        listeners.append(asyncio.create_task(listen(office, clients[number], seen)))
    rows: list[tuple[str, float, float | None]] = []
    with office.kiosk() as kiosk:
        for n in range(rounds):
            at = time.time()
            body = {"phone": f"138{n:04d}{int(at) % 10000:04d}", "party_size": 1}
            answer = await asyncio.to_thread(
                kiosk.post, "/v1/checkins", json=body, headers={"Idempotency-Key": f"bench-{int(at * 1e6)}"}
            )
            assert answer.status_code == 201, answer.text
            await asyncio.sleep(0.3)
            rows.append(await asyncio.to_thread(serve, clients, at, seen))
    for listener in listeners:
        listener.cancel()
    return rows


def serve(clients: dict[str, httpx.Client], at: float, seen: dict[str, float]) -> tuple[str, float, float | None]:
    """Find whose offer it is, accept it and finish the visit."""
    for number, client in clients.items():
        for offer in client.get("/v1/me").json()["offers"]:
            visit = client.post(f"/v1/offers/{offer['offer_id']}/accept").json()
            client.post(f"/v1/visits/{visit['visit_id']}/finish", json={}).raise_for_status()
            return offer["offer_id"], at, None if number == "A01" else seen[offer["offer_id"]]
    raise AssertionError("nobody was offered the visit")


async def listen(office: Office, client: httpx.Client, seen: dict[str, float]) -> None:
    token = client.headers["Authorization"].removeprefix("Bearer ")
    async with connect(f"{office.gateway_url.replace('http', 'ws')}/v1/stream") as socket:
        await socket.send(json.dumps({"token": token, "topics": ["offers"]}))
        async for text in socket:
            message = json.loads(text)
            for offer in (message.get("body") or {}).get("offers", []):
                seen.setdefault(offer["offer_id"], time.time())

"""Arrival → verdict and consultant, at offices of growing size: one gateway process, over HTTP, committed."""

import random
import sqlite3
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from contracts.ids import uuid7
from gateway.database import Database
from gateway.keys import Keys
from tests.bench import years
from tests.bench.conftest import ROOT, Report, percentile
from tests.support.office import NOON_ZONE, Office

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
CONSULTANTS, PIN = 100, "2468"
SIZES = (1_000, 10_000, 50_000, 200_000)
WARM_UP, ARRIVALS = 20, 300


def test_an_arrival_at_offices_of_growing_size(tmp_path: Path, report: Report) -> None:
    curve = []
    for customers in SIZES:
        spent, peak, took = arrivals(tmp_path / str(customers), customers)
        curve.append((customers, percentile(spent, 0.5), percentile(spent, 0.95)))
        report.add(
            f"arrival → verdict and consultant, {CONSULTANTS} consultants, {customers:,} customers, "
            f"{customers * years.VISITS_EACH:,} past visits ({took})",
            f"p50 {curve[-1][1] * 1000:.1f} ms, p95 {curve[-1][2] * 1000:.1f} ms, peak memory {peak} MB",
            "p95 ≤ 20 ms, 512 MB",
        )
    plot(curve, ROOT / "docs" / "pictures" / "arrival_cost.png")


def arrivals(folder: Path, customers: int) -> tuple[list[float], int, str]:
    """Seconds of each check-in, the gateway's peak resident memory in MB, and the size of its file."""
    office = Office(folder, with_central=False)
    office.write_configs()
    people = list(years.staff(CONSULTANTS, PIN))
    database = Database(office.gateway_db)
    database.migrate()
    keys = Keys.load_or_create(folder / "gateway.keys")
    years.fill(database, keys, office.slug, people, customers, ZoneInfo(NOON_ZONE))
    database.close()
    try:
        office.start_broker()
        gateway = office.start_gateway()
        tokens = {p.person_id: sign_in(office, p.staff_no) for p in people}
        spent = check_ins(office, tokens, customers)
        peak = next(
            int(line.split()[1]) // 1024
            for line in Path(f"/proc/{gateway.pid}/status").read_text().splitlines()
            if line.startswith("VmHWM")
        )
        return spent, peak, years.size(office.gateway_db)
    finally:
        office.stop()
        office.gateway_db.unlink(missing_ok=True)


def sign_in(office: Office, staff_no: str) -> str:
    with httpx.Client(base_url=office.gateway_url, timeout=15) as client:
        token = client.post("/v1/sessions", json={"staff_no": staff_no, "pin": PIN}).raise_for_status().json()["token"]
        client.post("/v1/rota/sign-in", headers={"Authorization": f"Bearer {token}"}).raise_for_status()
        return str(token)


def check_ins(office: Office, tokens: dict[str, str], customers: int) -> list[float]:
    """Known and new people in turn; whoever is asked accepts and finishes, so that somebody is always free."""
    sorts, spent = random.Random(1), []
    reader = sqlite3.connect(f"file:{office.gateway_db}?mode=ro", uri=True)
    with office.kiosk() as kiosk, httpx.Client(base_url=office.gateway_url, timeout=15) as tablet:
        for number in range(WARM_UP + ARRIVALS):
            known = number % 2 == 0
            digits = years.phone(sorts.randrange(customers)) if known else f"139{number:08d}"
            began = time.perf_counter()
            answer = kiosk.post("/v1/checkins", json={"phone": digits}, headers={"Idempotency-Key": uuid7()})
            if number >= WARM_UP:
                spent.append(time.perf_counter() - began)
            receive(tablet, tokens, reader, answer.raise_for_status().json()["visit_id"])
    reader.close()
    return spent


def receive(tablet: httpx.Client, tokens: dict[str, str], reader: sqlite3.Connection, visit_id: str) -> None:
    """Whoever was asked about the visit receives it and is done."""
    asked = reader.execute(
        "SELECT offer_id, consultant_id FROM offers WHERE visit_id = ? AND state = 'pending'", (visit_id,)
    ).fetchone()
    assert asked is not None, f"nobody was asked about {visit_id}"
    headers = {"Authorization": f"Bearer {tokens[asked[1]]}"}
    tablet.post(f"/v1/offers/{asked[0]}/accept", headers=headers).raise_for_status()
    tablet.post(f"/v1/visits/{visit_id}/finish", json={"outcome": "toured"}, headers=headers).raise_for_status()


def plot(curve: list[tuple[int, float, float]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    sizes = [customers for customers, _, _ in curve]
    figure, axes = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
    axes.plot(sizes, [p95 * 1000 for _, _, p95 in curve], "o-", color="#0f6b5c", label="p95")
    axes.plot(sizes, [p50 * 1000 for _, p50, _ in curve], "o-", color="#7fb8ad", label="p50")
    axes.axhline(20, color="#b3541e", linestyle="--", linewidth=1, label="limit (p95)")
    axes.set(xscale="log", xlabel="customers (five visits each)", ylabel="ms")
    axes.set_ylim(bottom=0)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_title("From check-in to verdict and consultant, committed", fontsize=11)
    axes.legend(frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)

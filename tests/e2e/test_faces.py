"""Who asked to be recognised is; nobody else's face is anywhere; and on request everything is forgotten.

Real pictures through a real camera protocol, real engines, two nodes, a real browser. Enrolment and recognition use
different photographs.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from edge_agent.vision.config import FacesConfig, MatchingConfig
from edge_agent.vision.engines.factory import build
from tests.e2e.conftest import Rooms
from tests.e2e.faces import DOOR, KIOSK, FaceWorld, looks, open_face_world
from tests.e2e.test_walk_in import check_in, sign_in_tablet, type_digits
from tests.support import portraits
from tests.support.processes import until
from tests.support.traces import Trace, Vector, bytes_in, closest, scan

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
A, B = portraits.ARDERN, portraits.BIDEN
PHONE = "13800112345"
ENOUGH = MatchingConfig().looks
"""Looks at a person: fewer than these decide whether somebody is recognised."""
LIKE = 0.5
"""Two pictures of one person are more alike than this, two people never (docs/accuracy.md)."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaceWorld]:
    folder = tmp_path_factory.mktemp("faces")
    (folder / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder / "tmp"))
        with open_face_world(folder) as opened:
            yield opened


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Vector]:
    """What A and B look like to the engine, from pictures the office never stores."""
    folder = tmp_path_factory.mktemp("engine")
    config = FacesConfig(models=portraits.models(), copy=folder / "copy.db", key_file=folder / "keys" / "key")
    engine = build(config)
    found = {}
    for person in (A, B):
        image = portraits.image((person.live or person.enrol)[0])
        found[person.name] = engine.embed(image, engine.detect(image)[0])
    return found


def test_a_is_greeted_b_leaves_no_trace_and_a_is_forgotten_on_request(
    office: FaceWorld, references: dict[str, Vector]
) -> None:
    tablet, kiosk = open_screens(office)

    enrol_at_the_kiosk(office, kiosk)
    receive_and_finish(tablet)

    before = recognised(office)
    is_looked_at_everywhere(office, B)
    assert recognised(office) == before

    kiosk.goto(f"{office.office.screens_url}/kiosk")
    office.cameras.show(KIOSK, A.live[0])
    expect(kiosk.locator('[data-test="greeting"]')).to_be_visible(timeout=20_000)
    expect(tablet.locator('[data-test="greeting-card"]')).to_be_visible(timeout=20_000)
    office.cameras.clear()
    office.cameras.show(DOOR, A.live[0])
    until(lambda: DOOR in {camera for camera, _ in recognised(office)}, seconds=20, what="the door to recognise A")
    office.cameras.clear()
    tablet.locator('[data-test="greeting-confirm"]').click()
    assert {camera for camera, _ in recognised(office)} == {DOOR, KIOSK}
    assert len({person for _, person in recognised(office)}) == 1

    blobs = templates(office)
    assert len(blobs) == 3
    assert all(bytes_in(office.office.folder, blob) for blob in blobs), "the scan must find A before the deletion"
    assert_no_face_in_the_open(scan(office.office.folder), references)

    withdraw_at_the_kiosk(office, kiosk)

    assert templates(office) == []
    assert [blob for blob in blobs if bytes_in(office.office.folder, blob)] == []
    assert_no_face_in_the_open(scan(office.office.folder), references)
    assert office.capture.heard > 20
    before = recognised(office)
    office.cameras.show(DOOR, A.live[0], seconds=6)
    office.cameras.show(KIOSK, A.live[0], seconds=6)
    time.sleep(6)  # with an empty vault no face is looked at: there is nothing to wait for
    assert recognised(office) == before


def test_a_deletion_waits_for_a_node_that_is_away(office: FaceWorld) -> None:
    kiosk = office.browser.new_page(viewport={"width": 1080, "height": 1920}, has_touch=True)
    enrol_at_the_kiosk(office, kiosk, phone="13900112345")
    office.office.programs["entrance"].kill()
    withdraw_at_the_kiosk(office, kiosk, phone="13900112345", waits_for="entrance")
    with office.office.sign_in("M01") as manager:
        (waiting,) = manager.get("/v1/withdrawals", params={"state": "pending"}).json()["items"]
        states = {each["node"]: each["state"] for each in waiting["nodes"]}
        assert states == {"lobby": "confirmed", "entrance": "pending"}
        refused = manager.get(f"/v1/withdrawals/{waiting['withdrawal_id']}/certificate")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_complete")
        assert templates(office) == []
        office.office.programs["entrance"].start()
        until(
            lambda: manager.get(f"/v1/withdrawals/{waiting['withdrawal_id']}").json()["state"] == "complete",
            seconds=40,
            what="the node to come back and confirm",
        )
    expect(kiosk.locator('[data-test="certificate-no"]')).to_be_visible(timeout=15_000)
    kiosk.close()


# ---- what people do ------------------------------------------------------------------------------------------------
def open_screens(office: FaceWorld) -> tuple[Page, Page]:
    tablet = sign_in_tablet(Rooms(office.office, office.browser), "A01")
    kiosk = office.browser.new_page(viewport={"width": 1080, "height": 1920}, has_touch=True)
    return tablet, kiosk


def enrol_at_the_kiosk(office: FaceWorld, kiosk: Page, phone: str = PHONE) -> None:
    """Check in, read, say yes, stand before the camera; the ticket stays on the screen throughout."""
    check_in(kiosk, office.office.screens_url, phone, party=1)
    kiosk.locator('[data-test="face-open"]').click()
    expect(kiosk.locator('[data-test="consent-title"]')).to_be_visible(timeout=10_000)
    office.cameras.show(KIOSK, A.enrol[0])
    began = time.monotonic()
    kiosk.locator('[data-test="consent-yes"]').click()
    preview = kiosk.locator('[data-test="enrol-preview"]')
    expect(preview).to_be_visible(timeout=10_000)
    expect(kiosk.locator('[data-test="enrolled-title"]')).to_be_visible(timeout=30_000)
    print(f"enrolled {time.monotonic() - began:.1f} s after the yes")
    expect(kiosk.locator('[data-test="enrolled-ticket"]')).to_be_visible()
    office.cameras.clear()


def receive_and_finish(tablet: Page) -> None:
    tablet.locator('[data-test="offer-accept"]').click(timeout=15_000)
    tablet.locator('[data-test="finish"]').click(timeout=10_000)
    tablet.locator('[data-test="finish-save"]').click(timeout=10_000)
    expect(tablet.locator('[data-test="serving-card"]')).to_have_count(0, timeout=10_000)


def is_looked_at_everywhere(office: FaceWorld, who: portraits.Person) -> None:
    """Stands before one camera, then the other, until the vault has compared looks enough from each."""
    picture = (who.live or who.enrol)[0]
    for camera in (KIOSK, DOOR):
        compared, sealed = looks(office.office), office.capture.probes("entrance")
        office.cameras.show(camera, picture, height=2.0)
        until(lambda least=compared + ENOUGH: looks(office.office) >= least, seconds=60, what=f"looks from {camera}")
        office.cameras.clear()
        assert (office.capture.probes("entrance") > sealed) == (camera == DOOR)


def withdraw_at_the_kiosk(office: FaceWorld, kiosk: Page, phone: str = PHONE, waits_for: str = "") -> None:
    kiosk.goto(f"{office.office.screens_url}/kiosk")
    kiosk.locator('[data-test="my-face"]').click()
    type_digits(kiosk, phone)
    with office.office.client(office.office.tokens["phone"]) as telephone:
        before = len(telephone.get("/v1/simulated-messages").json())
        kiosk.locator('[data-test="my-face-send"]').click()
        arrived = until(
            lambda: telephone.get("/v1/simulated-messages").json()[: -before or None], seconds=15, what="the code"
        )
    code = re.search(r"(?<!\d)\d{6}(?!\d)", arrived[0]["text"])
    assert code is not None
    type_digits(kiosk, code[0])
    kiosk.locator('[data-test="my-face-delete"]').click(timeout=10_000)
    kiosk.locator('[data-test="confirm-yes"]').click()
    if waits_for:
        expect(kiosk.locator(f'[data-test="node-{waits_for}"]')).to_have_attribute(
            "data-state", "pending", timeout=20_000
        )
        expect(kiosk.locator('[data-test="node-lobby"]')).to_have_attribute("data-state", "confirmed", timeout=20_000)
    else:
        expect(kiosk.locator('[data-test="certificate-no"]')).to_be_visible(timeout=30_000)


# ---- what can be found ---------------------------------------------------------------------------------------------
def recognised(office: FaceWorld) -> list[tuple[str, str]]:
    """(camera, person) of every recognition the gateway has taken."""
    with sqlite3.connect(f"file:{office.office.gateway_db}?mode=ro", uri=True) as database:
        query = "SELECT json_extract(data, '$.camera'), json_extract(data, '$.person_ref') FROM events WHERE type = ?"
        return [(row[0], row[1]) for row in database.execute(query, ("face.recognised.v1",))]


def templates(office: FaceWorld) -> list[bytes]:
    """The encrypted templates as they lie in the vault."""
    with sqlite3.connect(f"file:{vault_of(office)}?mode=ro", uri=True) as database:
        return [row[0] for row in database.execute("SELECT blob FROM templates JOIN slots USING (slot)")]


def vault_of(office: FaceWorld) -> Path:
    return office.office.folder / "lobby-faces.db"


def assert_no_face_in_the_open(found: list[Trace], references: dict[str, Vector]) -> None:
    for name, reference in references.items():
        assert closest(found, reference) < LIKE, f"a vector like {name}'s lies in the open"
    assert [trace.file for trace in found if trace.kind == "picture"] == []

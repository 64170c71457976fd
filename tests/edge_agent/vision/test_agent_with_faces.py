"""The real agent with a network camera: consent, enrolment, recognition, withdrawal, lease. Pictures never repeat."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from iotcore import Broker

from contracts.events import FaceEnrolment, FaceForgotten, FaceRecognised
from contracts.messages import ConsentEntry, FacePreview
from edge_agent.vision.config import MatchingConfig
from tests.edge_agent.support import AgentProcess
from tests.edge_agent.vision.office import ConsentGateway, SceneCamera
from tests.support import portraits
from tests.support.processes import until

CAMERA = "cam-kiosk"
ENROL, LIVE = "obama2", "obama3"
STRANGER = "person_b_1"
QUIET_SECONDS = 0.5


def configuration(folder: Path, url: str, *, vault: bool = True, more: str = "") -> str:
    (folder / "keys").mkdir(exist_ok=True)
    kept = f'vault = "{folder}/faces.db"\n' if vault else ""
    return (
        f'[faces]\nmodels = "{portraits.models()}"\ncopy = "{folder}/consents.db"\n{kept}'
        f'key_file = "{folder}/keys/faces.key"\npreview_port = 0\nretry_seconds = 1\n{more}\n'
        f"[faces.matching]\nask_seconds = 0.5\nanswer_seconds = 1\nquiet_seconds = {QUIET_SECONDS}\n"
        f'[[devices]]\nid = "{CAMERA}"\ndriver = "camera"\nfaces = "both"\n'
        f'source = {{ kind = "mjpeg", url = "{url}" }}\n'
    )


class Office:
    """An agent with a vault, its camera, and the gateway."""

    def __init__(self, agent: AgentProcess, gateway: ConsentGateway, camera: SceneCamera) -> None:
        self.agent, self.gateway, self.camera = agent, gateway, camera

    def enrol(self, picture: str) -> ConsentEntry:
        entry = self.gateway.grant()
        self.camera.stands(picture)
        self.gateway.preview_of(self.gateway.order(entry, CAMERA))
        assert self.gateway.outcome(entry).data["outcome"] == "done"
        self.camera.stands()
        return entry

    def meet(self, picture: str, entry: ConsentEntry) -> FaceRecognised:
        """That picture comes in from an empty room until it is recognised."""
        self.leaves()
        before = len(self.gateway.recognised(entry))
        self.camera.stands(picture)
        until(lambda: len(self.gateway.recognised(entry)) > before, seconds=20, what=f"{picture} to be recognised")
        self.camera.stands()
        return FaceRecognised.model_validate(self.gateway.recognised(entry)[-1].data)

    def leaves(self) -> None:
        """The room is seen empty for so long that whoever comes next is somebody new, not the same one moved."""
        self.camera.stands()
        enough = self.camera.sent + 30
        until(lambda: self.camera.sent >= enough, seconds=20, what="pictures of an empty room")

    def is_nobody(self, picture: str) -> None:
        """That picture stands there until the vault has compared more looks at it than anybody known needs."""
        before, enough = self.gateway.looks, MatchingConfig().looks
        self.camera.stands(picture)
        until(lambda: self.gateway.looks >= before + enough, seconds=40, what=f"{enough} looks at {picture}")
        self.camera.stands()

    def stays(self, picture: str) -> None:
        """Where nothing may be compared: that picture is sent more often than anybody known needed."""
        self.camera.stands(picture)
        enough = self.camera.sent + 40
        until(lambda: self.camera.sent >= enough, seconds=40, what=f"pictures with {picture}")
        self.camera.stands()


@pytest.fixture
def camera() -> Iterator[SceneCamera]:
    with SceneCamera() as made:
        yield made


@pytest.fixture
def gateway(broker: Broker) -> Iterator[ConsentGateway]:
    with ConsentGateway(broker.port) as made:
        yield made


@pytest.fixture
def office(tmp_path: Path, broker: Broker, gateway: ConsentGateway, camera: SceneCamera) -> Iterator[Office]:
    with AgentProcess(tmp_path, broker.port, configuration(tmp_path, camera.url)) as agent:
        gateway.ready(CAMERA)
        yield Office(agent, gateway, camera)


def preview_state(preview: FacePreview) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", preview.port, timeout=5)
    connection.request("GET", f"/preview/{preview.token}/state")
    response = connection.getresponse()
    assert response.status == 200
    answer: dict[str, object] = json.loads(response.read())
    return answer


def test_who_consented_is_enrolled_recognised_and_forgotten_and_nobody_else_is_anything(office: Office) -> None:
    gateway, camera = office.gateway, office.camera
    status = gateway.faces
    assert status is not None and status.vault and status.engine and len(status.model) == 64

    stranger_entry = ConsentEntry.model_validate(gateway.grant().model_dump())
    gateway.end(stranger_entry)
    assert gateway.reply_to(gateway.order(stranger_entry, CAMERA)).error == "consent"

    entry = gateway.grant()
    command = gateway.order(entry, CAMERA)
    preview = gateway.preview_of(command)
    stream = http.client.HTTPConnection("127.0.0.1", preview.port, timeout=10)
    stream.request("GET", f"/preview/{preview.token}")
    pictures = stream.getresponse()
    assert pictures.status == 200 and b"image/jpeg" in pictures.read(200)
    until(lambda: preview_state(preview)["hint"] == "no_face", seconds=10, what="the hint that nobody stands there")
    camera.stands(ENROL, STRANGER)
    until(lambda: preview_state(preview)["hint"] == "several_faces", seconds=10, what="the hint that two do")
    camera.stands(ENROL)
    appeared = time.monotonic()
    told = FaceEnrolment.model_validate(gateway.outcome(entry).data)
    print(f"enrolled {time.monotonic() - appeared:.1f} s after the person stood alone before the camera")
    assert (told.outcome, told.shots, told.reason) == ("done", 3, "") and time.monotonic() - appeared < 10
    assert preview_state(preview)["state"] == "done"
    pictures.read()  # the stream is over
    camera.stands()

    gateway.order(entry, CAMERA, id=command.id)
    assert gateway.reply_to(command, nth=2).data == preview.model_dump()
    assert len(gateway.of_type("face.enrolment.v1")) == 1

    seen = office.meet(LIVE, entry)
    assert (seen.person_ref, seen.camera, seen.gallery) == (entry.person_ref, CAMERA, 1)
    assert seen.score >= seen.threshold and seen.votes >= 3
    office.is_nobody(STRANGER)
    office.meet(LIVE, entry)
    assert {event.data["person_ref"] for event in gateway.of_type("face.recognised.v1")} == {entry.person_ref}

    gateway.end(entry)
    gone = FaceForgotten.model_validate(gateway.forgotten(entry).data)
    assert (gone.templates, gone.cause, gone.vault) == (3, "ended", True)
    recognised = len(gateway.recognised(entry))
    office.stays(LIVE)
    assert len(gateway.recognised(entry)) == recognised
    until(lambda: (now := gateway.faces) and (now.people, now.templates) == (0, 0), seconds=15, what="an empty vault")

    assert office.agent.program.stop() == 0
    assert preview.token not in office.agent.program.log.read_text()


def test_who_is_enrolled_already_cannot_be_enrolled_as_somebody_else(office: Office) -> None:
    gateway = office.gateway
    first = office.enrol(ENROL)
    second = gateway.grant()
    office.camera.stands(LIVE)
    gateway.preview_of(gateway.order(second, CAMERA))
    told = FaceEnrolment.model_validate(gateway.outcome(second).data)
    assert (told.outcome, told.other_ref) == ("already_known", first.person_ref)
    assert (now := gateway.faces) and now.people == 1
    office.camera.stands()

    office.enrol(STRANGER)
    assert office.meet(LIVE, first).person_ref == first.person_ref


def test_without_a_lease_nobody_is_recognised_until_the_gateway_answers_again(office: Office) -> None:
    gateway = office.gateway
    entry = office.enrol(ENROL)
    office.meet(LIVE, entry)
    gateway.renewed_for(2)
    gateway.answers_asks = False
    until(lambda: (now := gateway.faces) and now.reason == "no_lease", seconds=20, what="the lease to lapse", every=0.1)
    recognised = len(gateway.recognised(entry))
    office.stays(LIVE)
    assert len(gateway.recognised(entry)) == recognised
    gateway.answers_asks = True
    gateway.lease_seconds = 30
    office.meet(LIVE, entry)


def test_an_enrolment_can_be_cancelled_and_asked_for_again(office: Office) -> None:
    gateway = office.gateway
    entry = gateway.grant()
    first = gateway.preview_of(gateway.order(entry, CAMERA))
    second = gateway.preview_of(gateway.order(entry, CAMERA))
    assert first.token != second.token and preview_state(second)["state"] == "looking"
    other = gateway.grant()
    assert gateway.reply_to(gateway.order(other, CAMERA)).error == "busy"
    assert gateway.reply_to(gateway.cancel(entry, CAMERA)).ok
    told = gateway.outcome(entry)
    assert (told.data["outcome"], told.data["reason"]) == ("cancelled", "cancelled")
    assert len(gateway.of_type("face.enrolment.v1")) == 1
    assert gateway.reply_to(gateway.order(other, "cam-nowhere")).error == "camera"


def test_a_stop_in_the_middle_is_told_and_the_order_is_not_carried_out_again(office: Office) -> None:
    gateway = office.gateway
    entry = gateway.grant()
    command = gateway.order(entry, CAMERA)
    preview = gateway.preview_of(command)
    assert preview_state(preview)["state"] == "looking"
    began = time.monotonic()
    assert office.agent.program.stop() == 0
    print(f"stopped in {time.monotonic() - began:.1f} s")
    with pytest.raises(OSError):
        preview_state(preview)
    office.agent.program.start()
    gateway.ready(CAMERA)
    told = gateway.outcome(entry)
    assert (told.data["outcome"], told.data["reason"]) == ("failed", "camera")
    gateway.order(entry, CAMERA, id=command.id)
    assert gateway.reply_to(command, nth=2).error == "interrupted"
    assert len(gateway.of_type("face.enrolment.v1")) == 1

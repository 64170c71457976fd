"""What the configuration asks for and this machine does not have yet. No heavy import."""

from collections.abc import Iterator
from importlib.util import find_spec

from edge_agent.config import AgentConfig
from edge_agent.devices.base import DeviceError
from edge_agent.devices.reports import Pushed
from edge_agent.listener import secret_of
from edge_agent.vision.config import FacesConfig
from edge_agent.vision.engines.preflight import preflight
from edge_agent.vision.models import COMMAND, problems
from edge_agent.vision.ports import EngineError

_VISION = "requirements/vision.txt"
_PACKAGES = {"cv2": (_VISION, "OpenCV"), "numpy": (_VISION, "numpy")}
_INSIGHTFACE = {
    "insightface": ("requirements/insightface.txt", "insightface"),
    "onnxruntime": ("requirements/insightface.txt", "onnxruntime"),
}


def missing(config: AgentConfig) -> list[str]:
    """One line each, with what to do; empty when every device, camera and face can work."""
    lacking = list(_secrets(config))
    if config.faces is not None or config.cameras:
        lacking += _packages(config)
    if config.faces is not None:
        lacking += _weights(config.faces)
    return lacking


def _secrets(config: AgentConfig) -> Iterator[str]:
    for device in config.devices:
        if isinstance(device, Pushed) and device.push is not None:
            try:
                secret_of(device.push.secret_file)
            except DeviceError as error:
                yield f"{device.id}: {error}"


def _packages(config: AgentConfig) -> Iterator[str]:
    wanted = dict(_PACKAGES)
    if config.faces is not None and config.faces.engine == "insightface":
        wanted |= _INSIGHTFACE
    for module, (lock, name) in wanted.items():
        if find_spec(module) is None:
            yield f"{name}, for {_users(config)}, is not installed: python -m pip install --require-hashes -r {lock}"
    for camera in config.cameras:
        if camera.people is not None and not camera.people.model.is_file():
            yield f"{camera.id}: the person detector {camera.people.model} does not exist: it is yours to supply"


def _users(config: AgentConfig) -> str:
    return ", ".join(camera.id for camera in config.cameras) or "[faces]"


def _weights(faces: FacesConfig) -> Iterator[str]:
    """What the configured engine lacks; the files of the other one do not matter."""
    if faces.engine == "opencv":
        for problem in problems(faces.models):
            yield f"{problem}: {COMMAND} {faces.models}"
    elif faces.insightface is not None:
        try:
            preflight(faces.insightface)
        except EngineError as error:
            yield str(error)

"""What the configuration asks for and this machine does not have yet. No heavy import."""

from collections.abc import Iterator
from importlib.util import find_spec

from edge_agent.config import AgentConfig
from edge_agent.vision.config import FacesConfig

_VISION = "requirements/vision.txt"
_PACKAGES = {"cv2": (_VISION, "OpenCV"), "numpy": (_VISION, "numpy")}
_INSIGHTFACE = {
    "insightface": ("requirements/insightface.txt", "insightface"),
    "onnxruntime": ("requirements/insightface.txt", "onnxruntime"),
}


def missing(config: AgentConfig) -> list[str]:
    """One sentence each, with what to do; empty when cameras and faces can work."""
    if config.faces is None and not config.cameras:
        return []
    return [*_packages(config), *(_weights(config.faces) if config.faces is not None else ())]


def _packages(config: AgentConfig) -> Iterator[str]:
    wanted = dict(_PACKAGES)
    if config.faces is not None and config.faces.engine == "insightface":
        wanted |= _INSIGHTFACE
    for module, (lock, name) in wanted.items():
        if find_spec(module) is None:
            yield f"{name} is not installed: python -m pip install --require-hashes -r {lock}"
    for camera in config.cameras:
        if camera.people is not None and not camera.people.model.is_file():
            yield f"{camera.id}: the person detector {camera.people.model} does not exist: it is yours to supply"


def _weights(faces: FacesConfig) -> Iterator[str]:
    from edge_agent.vision.ports import EngineError

    try:
        if faces.engine == "insightface" and faces.insightface is not None:
            from edge_agent.vision.engines.preflight import preflight

            preflight(faces.insightface)
        else:
            from edge_agent.vision.models import check

            check(faces.models)
    except EngineError as error:
        yield str(error)

"""A camera from its configuration. Apart from the other drivers: what is configured loads nothing of a camera."""

from edge_agent.devices.base import Device, DeviceError, Host
from edge_agent.vision.camera import CameraServices
from edge_agent.vision.config import CameraConfig


class Unavailable:
    """In place of a driver whose packages are not installed: says so, and spares the other devices."""

    def __init__(self, package: str) -> None:
        self._package = package

    def run(self, host: Host) -> None:
        raise DeviceError("package_missing", package=self._package)


def build(config: CameraConfig, services: CameraServices | None) -> Device:
    """Loads OpenCV. `services` None: this node has no faces, its cameras count people."""
    try:
        from edge_agent.vision.camera import Camera
        from edge_agent.vision.services import without_faces

        return Camera(config, services or without_faces())
    except ModuleNotFoundError as error:
        return Unavailable(str(error.name))

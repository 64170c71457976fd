"""Which source serves which configuration. OpenCV is imported only once a camera is built."""

from urllib.parse import urlsplit

from edge_agent.vision.config import CsiSource, FileSource, NetworkSource, SourceConfig, UsbSource
from edge_agent.vision.ports import Source
from edge_agent.vision.sources.live import LiveSource, Patience


def build(config: SourceConfig, patience: Patience | None = None) -> Source:
    """The source that `config` describes, not yet open."""
    match config:
        case UsbSource():
            from edge_agent.vision.sources.usb import UsbStream

            return LiveSource(config.device, lambda: UsbStream(config), patience)
        case CsiSource():
            from edge_agent.vision.sources.csi import CsiStream

            return LiveSource(f"camera connector {config.camera}", lambda: CsiStream(config), patience)
        case FileSource():
            from edge_agent.vision.sources.recording import Recording

            return Recording(config)
        case NetworkSource(kind="mjpeg"):
            from edge_agent.vision.sources.mjpeg import MjpegStream

            return LiveSource(_place(config), lambda: MjpegStream(config), patience)
        case NetworkSource():
            from edge_agent.vision.sources.rtsp import PATIENCE, RtspStream

            return LiveSource(_place(config), lambda: RtspStream(config), patience or PATIENCE)


def _place(config: NetworkSource) -> str:
    return urlsplit(config.url).hostname or ""

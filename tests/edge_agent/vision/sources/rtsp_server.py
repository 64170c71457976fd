"""GStreamer's RTSP server as a camera, run by the system's Python: PORT PROTOCOL WIDTH HEIGHT FPS [PASSWORD]

Independent of what is tested: another implementation of RTSP, RTP and H.264 (Debian: gir1.2-gst-rtsp-server-1.0).
"""

import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

USER = "anna"


def main(port: str, protocol: str, width: str, height: str, fps: str, password: str = "") -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( videotestsrc is-live=true pattern=smpte ! video/x-raw,width={width},height={height},framerate={fps}/1 ! "
        f"openh264enc gop-size={fps} complexity=low ! rtph264pay name=pay0 config-interval=1 )"
    )
    factory.set_shared(True)
    factory.set_protocols(
        GstRtsp.RTSPLowerTrans.UDP if protocol == "udp" else GstRtsp.RTSPLowerTrans.TCP  # the other one is refused
    )
    if password:
        require(server, factory, password)
    server.get_mount_points().add_factory("/cam", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


def require(server: Any, factory: Any, password: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(USER, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    for right in ("access", "construct"):
        permissions.add_permission_for_role("viewer", f"media.factory.{right}", True)
    factory.set_permissions(permissions)


main(*sys.argv[1:])

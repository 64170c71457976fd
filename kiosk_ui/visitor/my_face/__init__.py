"""«My face data», `/kiosk/my-face`: a code to one's phone, what is kept, delete it, and the proof that it is gone."""

from kiosk_ui.visitor.my_face.page import address, register

__all__ = ["address", "register"]

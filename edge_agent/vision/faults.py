"""One picture on which a model fails is passed over; a model that only fails is an error."""

import logging

import cv2

from edge_agent.vision.ports import EngineError

log = logging.getLogger(__name__)

MODEL_FAULTS = (EngineError, cv2.error, ValueError, ArithmeticError, MemoryError)
"""What a model may raise on one unlucky picture; anything else is a mistake in the program."""
_LOG_GAP = 60.0
"""Seconds between two warnings of one camera."""


class ModelFaults:
    """Counts failures in a row, each step by itself, and says so without flooding the log.

    `whose`: how the log names the camera. `most`: how many in a row are too many.
    """

    def __init__(self, whose: str, most: int) -> None:
        self._whose = whose
        self._most = most
        self._in_a_row: dict[str, int] = {}
        self._logged = float("-inf")

    def none(self, step: str) -> None:
        """This step went well."""
        self._in_a_row.pop(step, None)

    def add(self, step: str, error: Exception, taken: float) -> None:
        """Raises EngineError at the last failure allowed. Its type must do: an error's text may quote its input."""
        failed = self._in_a_row.get(step, 0) + 1
        self._in_a_row[step] = failed
        kind = type(error).__name__
        if taken - self._logged >= _LOG_GAP:
            self._logged = taken
            log.warning("%s: the model failed to %s (%s)", self._whose, step, kind)
        if failed >= self._most:
            self._in_a_row.clear()
            raise EngineError(
                f"the model failed to {step} {failed} times in a row ({kind}); check the models with --check"
            ) from None

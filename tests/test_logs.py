"""What goes wrong is logged without what was typed: a mistake's text often quotes the value that it is about."""

import json
import logging
import sys

import pytest

from central.logs import JsonLines as OfCentral
from contracts.gateway_api import CheckInRequest
from gateway.logs import JsonLines as OfGateway
from kiosk_ui.__main__ import JsonLines as OfScreens

NUMBER = "138001123456789"


@pytest.mark.parametrize("message", ["a page failed", None], ids=["with words", "the exception itself"])
@pytest.mark.parametrize("program", [OfCentral, OfGateway, OfScreens])
def test_a_line_names_the_mistake_and_its_place_and_no_value(
    program: type[logging.Formatter], message: str | None
) -> None:
    try:
        CheckInRequest.model_validate({"phone": NUMBER})
    except ValueError as error:
        assert NUMBER in str(error)
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, message or error, None, sys.exc_info())
    line = program().format(record)
    assert NUMBER not in line
    told = json.loads(line)
    assert "ValidationError" in {told.get("exception"), told.get("error")}
    assert any("test_logs.py" in frame for frame in told["stack"])
    assert told["message"] == (message or "ValidationError")

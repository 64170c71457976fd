"""Whatever the gateway or a node says of faces as a code, a visitor or a colleague can read it."""

import ast
import inspect
from typing import get_args

import pytest

from contracts.faces_api import ConsentSection, ConsentView, EndCause, Review, Withdrawal
from contracts.messages import FacePreviewState
from edge_agent.vision.enrol import orders
from gateway.consents import overview
from kiosk_ui.texts import LANGUAGES, LanguageCode, catalogue
from kiosk_ui.visitor.faces.consent import ICONS

FROM_THE_GATEWAY = ("expired", "no_preview", "face_unavailable", "consent_ended")
FROM_THE_SESSION = ("timeout", "no_face", "several_faces", "camera", "vault", "consent")


def choices(model: type, field: str) -> list[str]:
    return [c for c in get_args(model.model_fields[field].annotation) if isinstance(c, str)]  # type: ignore[attr-defined]


def refusals() -> set[str]:
    """The codes with which a node refuses an order to enrol."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(orders))) if isinstance(node, ast.Call)]
    raised = [call.args[0] for call in calls if getattr(call.func, "id", "") == "OrderError"]
    return {str(code.value) for code in raised if isinstance(code, ast.Constant)}


def office_codes() -> set[str]:
    """Keys of the alarms, and the reasons why no screen may ask."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(overview))):
        if isinstance(node, ast.FunctionDef) and node.name == "alarms":
            tables = [inner for inner in ast.walk(node) if isinstance(inner, ast.Dict)]
            found |= {str(key.value) for table in tables for key in table.keys if isinstance(key, ast.Constant)}
        elif isinstance(node, ast.FunctionDef) and node.name == "_reason":
            answers = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return)]
            found |= {str(a.value) for a in answers if isinstance(a, ast.Constant) and a.value}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_around_faces_has_words(language: LanguageCode) -> None:
    assert {"camera", "busy"} <= refusals()
    assert {"no_vault", "filing_duty_near"} <= office_codes()
    wanted = {f"faces.failed.{code}" for code in (*refusals(), *FROM_THE_GATEWAY, *FROM_THE_SESSION)}
    wanted |= {f"codes.faces.{code}" for code in office_codes()}
    wanted |= {f"faces.hint.{hint}" for hint in choices(FacePreviewState, "hint") if hint}
    wanted |= {f"faces.state.{state}" for state in choices(ConsentView, "state")}
    wanted |= {f"faces.cause.{cause}" for cause in get_args(EndCause)}
    wanted |= {f"reception.kind.{kind}" for kind in choices(Review, "kind")}
    wanted |= {f"reception.ask.{kind}" for kind in choices(Review, "kind")}
    wanted |= {f"reception.by.{who}" for who in choices(Withdrawal, "requested_by")}
    assert sorted(wanted - set(catalogue(language))) == []


def test_every_section_of_the_text_has_its_icon() -> None:
    assert set(choices(ConsentSection, "code")) == set(ICONS)

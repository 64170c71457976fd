"""From configuration to a checked engine. Heavy packages are loaded here, when an engine is built, and not before."""

from collections.abc import Callable

from edge_agent.vision.config import FacesConfig
from edge_agent.vision.engines.preflight import preflight
from edge_agent.vision.ports import EngineError, FaceEngine


def build(config: FacesConfig) -> FaceEngine:
    """An engine that has passed its self-check. Raises EngineError that says what to do."""
    try:
        engine = _BUILDERS[config.engine](config)
        from edge_agent.vision.engines.selfcheck import selfcheck
    except ModuleNotFoundError as error:
        raise EngineError(
            f'engine = "{config.engine}" needs the package {error.name}, which is not installed: '
            f"install requirements/{_REQUIREMENTS[config.engine]}"
        ) from error
    selfcheck(engine)
    return engine


def _opencv(config: FacesConfig) -> FaceEngine:
    from edge_agent.vision.engines.opencv import OpencvEngine

    return OpencvEngine(config.models, config.detect_side)


def _insightface(config: FacesConfig) -> FaceEngine:
    if config.insightface is None:
        raise EngineError('engine = "insightface" needs a section [faces.insightface]')
    preflight(config.insightface)  # an unacknowledged licence is said even where insightface is not installed
    from edge_agent.vision.engines.insight import InsightfaceEngine

    return InsightfaceEngine(config.insightface, config.detect_side)


_BUILDERS: dict[str, Callable[[FacesConfig], FaceEngine]] = {"opencv": _opencv, "insightface": _insightface}
_REQUIREMENTS = {"opencv": "vision.txt", "insightface": "insightface.txt"}

"""Whether an InsightFace pack may and can be used, before insightface itself is loaded. No heavy import."""

from pathlib import Path

from edge_agent.vision.config import InsightfaceConfig
from edge_agent.vision.ports import EngineError

LICENCE_SENTENCE = "We hold a licence for these models that covers our use."


def preflight(config: InsightfaceConfig) -> None:
    """Raises EngineError that says what is missing and what to write or fetch."""
    if config.licence_acknowledged.strip() != LICENCE_SENTENCE:
        raise EngineError(
            "InsightFace's published model packs are for non-commercial research only. If you hold a licence for the "
            f'pack in {config.model_dir}, say so in [faces.insightface]: licence_acknowledged = "{LICENCE_SENTENCE}"'
        )
    folder = config.model_dir
    if not folder.is_dir():
        raise EngineError(f"model_dir {folder} is not a folder: unpack your model pack there; nothing is downloaded")
    if not any(folder.glob("*.onnx")):
        raise EngineError(f"model_dir {folder} holds no .onnx file{_hint(folder)}; nothing is downloaded")


def _hint(folder: Path) -> str:
    nested = sorted({file.parent for file in folder.glob("*/*.onnx")})
    return f": did you mean {nested[0]}?" if nested else ": unpack your model pack there"

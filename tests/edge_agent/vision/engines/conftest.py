from pathlib import Path

import pytest

from edge_agent.vision.config import FacesConfig, InsightfaceConfig
from edge_agent.vision.engines import factory
from edge_agent.vision.engines.preflight import LICENCE_SENTENCE
from edge_agent.vision.ports import FaceEngine
from tests.support import portraits


def opencv_config(models: Path) -> FacesConfig:
    return FacesConfig(models=models, copy=Path("copy.db"), key_file=Path("keys/faces.key"))


def insightface_config(pack: Path, sentence: str = LICENCE_SENTENCE) -> FacesConfig:
    return FacesConfig(
        models=Path("models"),
        engine="insightface",
        copy=Path("copy.db"),
        key_file=Path("keys/faces.key"),
        insightface=InsightfaceConfig(model_dir=pack, licence_acknowledged=sentence),
    )


@pytest.fixture(scope="session")
def opencv() -> FaceEngine:
    return factory.build(opencv_config(portraits.models()))


@pytest.fixture(scope="session")
def insightface() -> FaceEngine:
    return factory.build(insightface_config(portraits.pack()))


@pytest.fixture(params=["opencv", "insightface"])
def engine(request: pytest.FixtureRequest) -> FaceEngine:
    found: FaceEngine = request.getfixturevalue(request.param)
    return found

"""An engine that cannot tell people apart never gets to recognise anybody."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge_agent.vision.engines import factory
from edge_agent.vision.engines.selfcheck import REFERENCE, selfcheck
from edge_agent.vision.ports import EngineError, Face, FaceEngine, Scale
from tests.edge_agent.vision.engines.conftest import insightface_config
from tests.support import portraits

if TYPE_CHECKING:
    from edge_agent.vision.ports import Image, Vector


class Mistaken:
    """The OpenCV engine with a broken last step."""

    def __init__(self, engine: FaceEngine, vector: "Vector | None", blind: bool = False) -> None:
        self._engine = engine
        self._vector = vector
        self._blind = blind
        self._random = np.random.default_rng(7)
        self.id, self.model = engine.id, engine.model
        self.dimensions: int = engine.dimensions
        self.scale: Scale = engine.scale

    def detect(self, image: "Image") -> list[Face]:
        return [] if self._blind else self._engine.detect(image)

    def embed(self, image: "Image", face: Face) -> "Vector":
        if self._vector is not None:
            return self._vector
        vector = self._random.normal(size=self.dimensions).astype(np.float32)
        return vector / np.linalg.norm(vector)


def test_the_right_weights_pass_with_room_to_spare(engine: FaceEngine) -> None:
    checked = selfcheck(engine)
    assert checked.same > engine.scale.same + 0.1
    assert checked.different < engine.scale.different - 0.05


def test_an_engine_to_which_all_are_alike_is_refused(opencv: FaceEngine) -> None:
    everybody = np.full(opencv.dimensions, opencv.dimensions**-0.5, dtype=np.float32)
    with pytest.raises(EngineError, match=r"two strangers come out as 1\.00 alike"):
        selfcheck(Mistaken(opencv, everybody))


def test_an_engine_to_which_nobody_is_alike_is_refused(opencv: FaceEngine) -> None:
    with pytest.raises(EngineError, match="two photographs of one person"):
        selfcheck(Mistaken(opencv, None))


def test_an_engine_that_gives_no_numbers_is_refused(opencv: FaceEngine) -> None:
    with pytest.raises(EngineError, match="fails its self-check"):
        selfcheck(Mistaken(opencv, np.full(opencv.dimensions, np.nan, dtype=np.float32)))


def test_an_engine_that_finds_no_face_is_refused(opencv: FaceEngine) -> None:
    with pytest.raises(EngineError, match="finds no face in the reference picture a1"):
        selfcheck(Mistaken(opencv, None, blind=True))


def test_8_bit_weights_that_load_silently_in_insightface_are_caught() -> None:
    with pytest.raises(EngineError, match="two strangers come out as") as refused:
        factory.build(insightface_config(portraits.pack(portraits.QUANTISED_PACK)))
    assert "8-bit weights often are" in str(refused.value)


def test_every_reference_picture_is_credited() -> None:
    credited = (REFERENCE / "CREDITS.md").read_text(encoding="utf-8")
    names = [path.name for path in REFERENCE.glob("*.jpg")]
    assert len(names) == 6
    assert [name for name in names if f"| {name} |" not in credited] == []

"""An office with two regulars whose faces are enrolled."""

import pytest

from tests.gateway.facing import Faces
from tests.gateway.greetings.seeing import Regular, two_regulars


@pytest.fixture
async def people(faces: Faces) -> tuple[Regular, Regular]:
    return await two_regulars(faces)

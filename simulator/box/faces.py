"""Who is seen by the demo's cameras, and where their portraits and the engine's weights lie."""

from dataclasses import dataclass
from pathlib import Path

BUILT = Path(__file__).resolve().parents[2] / "build"
"""Where `make models` puts weights and licensed portraits."""


@dataclass(frozen=True, slots=True)
class Face:
    """Two photographs of one person: enrolment and recognition never use the same. Stems of files in the folder."""

    enrol: str
    live: str
    height: float = 0.95
    consents: bool = True


@dataclass(frozen=True, slots=True)
class Faces:
    models: Path
    portraits: Path


YOUR_FACE = Face("person_b_1", "person_b_2")
"""Plays whoever tries the demo at the kiosk's simulated camera."""
REGULARS = (Face("person_a_2", "person_a_1"), Face("obama", "obama3", 1.7), Face("biden", "biden", 2.0, consents=False))
"""Simulated visitors who come again. The one who does not consent is never recognised."""


def find(folder: Path = BUILT) -> Faces | None:
    """None when `make models` could not fetch them: the demo then runs without cameras."""
    faces = Faces(folder / "models", folder / "portraits")
    needed = {each for face in (YOUR_FACE, *REGULARS) for each in (face.enrol, face.live)}
    if not (faces.models / "opencv").is_dir() or not all(
        (faces.portraits / f"{name}.jpg").is_file() for name in needed
    ):
        return None
    return faces

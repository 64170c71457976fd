"""Moving the vault to a new machine, so that at no moment two vaults match and nothing readable travels.

    new machine   python -m edge_agent.vision.vault.move key    --config FILE
    old machine   python -m edge_agent.vision.vault.move export --config FILE --to KEY --file PACK
    new machine   python -m edge_agent.vision.vault.move import --config FILE --file PACK --receipt RECEIPT
    old machine   python -m edge_agent.vision.vault.move wipe   --config FILE --receipt RECEIPT

Each step may be repeated. From `export` on the old vault matches and enrols nobody; it keeps its templates until `wipe`
is shown the receipt, which only who opened the pack can write. The agents of both machines are stopped meanwhile.
"""

import argparse
import hashlib
import hmac
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.boxes import BoxError, open_bytes, read_public_key, seal_bytes
from contracts.ids import Uuid, uuid7
from edge_agent.config import ConfigError, load
from edge_agent.vision.config import FacesConfig
from edge_agent.vision.vault.consents import ConsentCopy, CopyError
from edge_agent.vision.vault.keys import KeyFileError, Keys
from edge_agent.vision.vault.templates import Template, TemplateStore, VaultError

_PURPOSE = b"anchang-move-1"


class MoveError(RuntimeError):
    """The step cannot be done; the text says why and what to do."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64")


Shape = TypeVar("Shape", bound=_Model)


class _Row(_Model):
    template_id: Uuid
    person_ref: Uuid
    consent_id: Uuid
    engine: str
    model: str
    dimensions: Annotated[int, Field(ge=1, le=4096)]
    shot: int
    quality: float
    at: str
    vector: bytes = Field(repr=False)


class _Content(_Model):
    secret: str = Field(repr=False)
    templates: list[_Row]


class _Pack(_Model):
    format: Literal[1] = 1
    move_id: Uuid
    sealed: bytes


class _Note(_Model):
    """What either vault remembers of the move, encrypted in its file. `file`: where the pack was written.

    `earlier`: moves that came before, so that a copy of an old pack is worth nothing.
    """

    move_id: Uuid
    secret: str = Field(repr=False)
    templates: int
    to: str = ""
    file: str = ""
    earlier: list[Uuid] = Field(default_factory=list)


class _Receipt(_Model):
    move_id: Uuid
    templates: int
    proof: str


def export(store: TemplateStore, own: Keys, to: str, pack: Path) -> int:
    """Stop the vault for good, then write its templates, sealed to the key `to`, into `pack`; how many they are.

    Raises MoveError, VaultError, BoxError or OSError; asked again with the same key it writes the file again.
    """
    state, note = _state(store)
    if state == "moved":
        raise MoveError("this vault has moved already: nothing is left here to export")
    key = read_public_key(to)
    if key == own.public:
        raise MoveError("that is this machine's own key: take the one that `key` prints on the new machine")
    if state == "exported" and note is not None:
        if note.to != to:
            raise MoveError("this vault was exported to another machine: two of them would be able to match")
        note = note.model_copy(update={"file": str(pack.resolve())})
    else:
        note = _Note(
            move_id=uuid7(),
            secret=os.urandom(32).hex(),
            templates=store.counts()[1],
            to=to,
            file=str(pack.resolve()),
            earlier=_earlier(note),
        )
    store.set_state("exported", note.model_dump_json().encode())
    content = _Content(secret=note.secret, templates=[_row(template) for template in store.load()])
    sealed = seal_bytes(content.model_dump_json().encode(), key, purpose=_PURPOSE, bound=note.move_id.encode())
    _write(pack, _Pack(move_id=note.move_id, sealed=sealed).model_dump_json())
    return note.templates


def take_in(store: TemplateStore, own: Keys, copy: ConsentCopy, pack: Path, receipt: Path) -> int:
    """Fill this machine's vault from `pack`, write `receipt`, then wipe the pack; how many templates lie here.

    What ended meanwhile is left out. Raises MoveError, VaultError, BoxError or OSError; may be repeated.
    """
    note = _state(store)[1]
    parsed = _read(pack, _Pack) if pack.exists() else None
    if parsed is None and (note is None or note.to):
        raise MoveError(f"there is no file {pack}")
    if parsed is not None and (note is None or note.move_id != parsed.move_id):
        if store.state()[0] == "exported":
            raise MoveError("this vault was itself exported: finish that move first")
        earlier = _earlier(note)
        if parsed.move_id in earlier:
            raise MoveError("this file is of an earlier move: it was imported here before")
        content = _open(parsed, own)
        note = _Note(move_id=parsed.move_id, secret=content.secret, templates=len(content.templates), earlier=earlier)
        store.take_over(_standing(content.templates, copy), note.model_dump_json().encode())
    if note is None or note.to:
        raise MoveError("this vault is the one that was exported: import on the new machine")
    _write(receipt, _Receipt(move_id=note.move_id, templates=note.templates, proof=_proof(note)).model_dump_json())
    _shred(pack)
    return store.counts()[1]


def wipe(store: TemplateStore, receipt: Path) -> int:
    """Delete the old vault's templates and what is left of the pack, once the new machine's receipt is right.

    Returns how many were deleted now. Raises MoveError, VaultError or OSError; may be repeated.
    """
    state, note = _state(store)
    if state == "active" or note is None:
        raise MoveError("this vault was not exported: nothing is wiped")
    shown = _read(receipt, _Receipt)
    if shown.move_id != note.move_id or not hmac.compare_digest(shown.proof, _proof(note)):
        raise MoveError("this receipt is not of this move: nothing is wiped")
    deleted = store.wipe()
    store.set_state("moved", note.model_dump_json().encode())
    _shred(Path(note.file))
    return deleted


def _state(store: TemplateStore) -> tuple[str, _Note | None]:
    state, raw = store.state()
    return state, None if raw is None else _Note.model_validate_json(raw)


def _earlier(note: _Note | None) -> list[str]:
    return [] if note is None else [*note.earlier, note.move_id]


def _row(template: Template) -> _Row:
    return _Row(**{name: getattr(template, name) for name in _Row.model_fields})


def _standing(rows: Iterable[_Row], copy: ConsentCopy) -> Iterator[Template]:
    for row in rows:
        if not copy.ended(row.consent_id):
            yield Template(**row.model_dump())


def _open(pack: _Pack, own: Keys) -> _Content:
    raw = open_bytes(pack.sealed, own.private, purpose=_PURPOSE, bound=pack.move_id.encode())
    try:
        return _Content.model_validate_json(raw)
    except ValidationError:
        # Without the cause: it quotes templates.
        raise MoveError("the file opens, but not to a vault of this program") from None


def _proof(note: _Note) -> str:
    text = f"{note.move_id} {note.templates}".encode()
    return hmac.new(bytes.fromhex(note.secret), text, hashlib.sha256).hexdigest()


def _read(path: Path, shape: type[Shape]) -> Shape:
    try:
        return shape.model_validate_json(path.read_bytes())
    except ValidationError:
        raise MoveError(f"{path} is not what this step needs, or it is damaged") from None


def _write(path: Path, text: str) -> None:
    """Whole or not at all, for its owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _shred(path: Path) -> None:
    """Overwrite and remove; it is sealed anyway."""
    if not path.is_file():
        return
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="edge_agent.vision.vault.move", description="Move the template vault.")
    steps = parser.add_subparsers(dest="step", required=True)
    for name, words, files in (
        ("key", "print this machine's public key", ()),
        ("export", "stop this vault and seal it to the new machine's key", ("--to", "--file")),
        ("import", "fill this machine's vault and write the receipt", ("--file", "--receipt")),
        ("wipe", "delete the old vault, given the receipt", ("--receipt",)),
    ):
        step = steps.add_parser(name, help=words)
        step.add_argument("--config", type=Path, required=True, help="the agent's TOML file")
        for file in files:
            step.add_argument(file, type=str if file == "--to" else Path, required=True)
    return parser.parse_args(argv)


def _faces(path: Path) -> tuple[FacesConfig, Path]:
    faces = load(path).faces
    if faces is None or faces.vault is None:
        raise MoveError(f"{path}: a vault is moved between nodes that have one: set [faces] vault")
    return faces, faces.vault


def _do(arguments: argparse.Namespace) -> str:
    faces, vault = _faces(arguments.config)
    keys = Keys.load_or_make(faces.key_file, vault=vault)
    if arguments.step == "key":
        return keys.public_text
    if arguments.step != "import" and not vault.exists():
        raise MoveError(f"there is no vault {vault}")
    with TemplateStore(vault, keys.aes) as store:
        if arguments.step == "export":
            count = export(store, keys, arguments.to, arguments.file)
            return f"exported {count} templates; this vault matches nobody any more. Next: import on the new machine"
        if arguments.step == "wipe":
            return f"deleted {wipe(store, arguments.receipt)} templates; take `vault` out of {arguments.config}"
        copy = ConsentCopy(faces.copy_)
        try:
            count = take_in(store, keys, copy, arguments.file, arguments.receipt)
        finally:
            copy.close()
        return f"{count} templates lie here now. Next: wipe on the old machine with {arguments.receipt}"


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status: 0 when the step is done (also when it was done before), 2 otherwise."""
    try:
        print(_do(_arguments(argv)))
    except (ConfigError, CopyError, KeyFileError, MoveError, BoxError, VaultError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Readable people for decision tables: `a` is somebody with a proper id."""


def uid(letter: str) -> str:
    return f"{ord(letter):08x}-0000-7000-8000-000000000000"


def letter(person_id: str) -> str:
    return chr(int(person_id[:8], 16))


def letters(person_ids: tuple[str, ...]) -> list[str]:
    return [letter(p) for p in person_ids]

"""Whether each program's migrations are one line, numbered as they follow one another; exits 1 when not."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_NAMED = re.compile(r'^(down_revision|revision)\b[^=]*= (?:"(\w+)"|None)', re.MULTILINE)


def faults(folder: Path) -> list[str]:
    before, found = "", []
    for path in sorted(folder.glob("[0-9]*.py")):
        named = dict(_NAMED.findall(path.read_text(encoding="utf-8")))
        if named != {"revision": path.name[:4], "down_revision": before}:
            follows = f"follow {before}" if before else "be the first"
            found.append(f"{path.relative_to(ROOT)}: must be revision {path.name[:4]} and {follows}, not {named}")
        before = path.name[:4]
    return found


if __name__ == "__main__":
    told = [line for program in ("gateway", "central") for line in faults(ROOT / program / "migrations" / "versions")]
    print("\n".join(told), file=sys.stderr)
    sys.exit(1 if told else 0)

"""kill -9 of a process that enrols and forgets: the vault opens, a half-done deletion is completed, no byte is left.

The child says on its standard output, one line a step, what it is about to do and what it has done; it is killed at a
random moment while it works. That the kill fell into the work is proved by the last line it wrote.
"""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contracts.events import FaceForgotten
from edge_agent.vision.vault.consents import ConsentCopy
from edge_agent.vision.vault.debts import Debts
from edge_agent.vision.vault.keys import Keys
from edge_agent.vision.vault.templates import TemplateStore, files_of
from tests.edge_agent.vision.vault.support import Reports

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
RUN = 12
CHILD = """
import sys, random
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.edge_agent.vision.vault.support import Bench, entry, face
from edge_agent.vision.vault.debts import Debts
from contracts.ids import uuid7

def say(*words):
    sys.stdout.write(" ".join(words) + "\\n")
    sys.stdout.flush()

bench = Bench(Path({folder!r}))
debts = Debts(bench.copy, bench.vault, bench.reports, is_vault=True, later=lambda work: work())
alive = []
dice = random.Random({seed})
for step in range(100000):
    if alive and dice.random() < 0.5:
        consent, person = alive.pop(dice.randrange(len(alive)))
        say("ending", consent, person)
        bench.copy.apply([entry(consent, person, granted=False)], bench.vault.count, None)
        say("ended", consent, person)
        debts.pay(clock_believed=True)
        say("deleted", consent, person)
    else:
        consent, person = bench.grant()
        say("enrolling", consent, person)
        bench.vault.enrol(consent, person, [(face(step * 10 + n), 0.9) for n in range(3)])
        say("enrolled", consent, person)
        alive.append((consent, person))
"""


def blobs_by_consent(path: Path) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    with sqlite3.connect(path) as reader:
        for consent, blob in reader.execute("SELECT consent_id, blob FROM templates JOIN slots USING (slot)"):
            found.setdefault(consent, []).append(blob)
    return found


def left_over(path: Path, blobs: list[bytes]) -> int:
    everything = b"".join(file.read_bytes() for file in files_of(path))
    return sum(blob[n : n + RUN] in everything for blob in blobs for n in range(0, len(blob) - RUN, RUN))


def work_and_kill(folder: Path, seed: int, victim_line: str) -> list[list[str]]:
    """Kill the child right after, or within 3 ms of, a line that begins with `victim_line`; what it had said."""
    script = CHILD.format(root=str(ROOT), folder=str(folder), seed=seed)
    dice = random.Random(seed)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        said: list[list[str]] = []
        wanted = dice.randrange(8, 20)
        for line in child.stdout:
            said.append(line.split())
            if said[-1][0] == victim_line:
                wanted -= 1
                if wanted == 0:
                    time.sleep(dice.choice([0, 0.001, 0.002, 0.003]))
                    child.send_signal(signal.SIGKILL)
                    break
        said += [line.split() for line in child.stdout if line.endswith("\n")]
        assert child.wait() == -signal.SIGKILL
    return said


@pytest.mark.parametrize("victim_line", ["enrolling", "ending", "ended"])
@pytest.mark.parametrize("attempt", range(4))
def test_a_kill_in_the_middle_leaves_a_vault_that_finishes_what_was_begun(
    tmp_path: Path, victim_line: str, attempt: int
) -> None:
    said = work_and_kill(tmp_path, attempt * 10 + len(victim_line), victim_line)
    vault, copy_path = tmp_path / "data" / "faces.db", tmp_path / "data" / "consents.db"
    keys = Keys.load(tmp_path / "keys" / "faces.key", vault=vault)
    before = blobs_by_consent(vault)  # rolls a hot journal back, as the next start would

    done = {state: {words[1] for words in said if words[0] == state} for state in ("enrolled", "ended", "deleted")}
    with TemplateStore(vault, keys.aes) as store:
        assert len(list(store.load())) == sum(len(blobs) for blobs in before.values())
        assert all(len(blobs) == 3 for blobs in before.values()), "an enrolment is whole or not there"
        assert done["enrolled"] - {words[1] for words in said if words[0] == "ending"} <= set(store.consents())
        assert not done["deleted"] & set(store.consents())

        class Holder:
            forget, count, held = store.delete, store.count_of, store.consents

        copy, reports = ConsentCopy(copy_path), Reports()
        owed = {ending.consent_id for ending in copy.deletions_owed()}
        untold = {ending.consent_id for ending in copy.confirmations_owed()}
        assert all(copy.ended(consent) for consent in done["ended"])
        assert (owed | untold).isdisjoint(done["deleted"])
        Debts(copy, Holder, reports, is_vault=True, later=lambda work: work()).pay(clock_believed=False)
        assert not owed & set(store.consents())
        gone = [blob for consent in owed for blob in before.get(consent, [])]
        told = {event.consent_id: event.templates for event in reports.events if isinstance(event, FaceForgotten)}
        assert owed <= set(told)
        assert all(told[consent] == 3 for consent in owed)
        copy.close()
    assert left_over(vault, gone) == 0
    kept = [blob for consent, blobs in before.items() if consent not in owed for blob in blobs]
    assert kept == [] or left_over(vault, kept) > 0, "the scan sees what is there"


def test_the_kill_did_fall_into_a_deletion(tmp_path: Path) -> None:
    """At least one of a dozen kills after `ended` finds templates whose consent had already ended."""
    for attempt in range(12):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        said = work_and_kill(folder, 100 + attempt, "ended")
        deleted = {words[1] for words in said if words[0] == "deleted"}
        ended = {words[1] for words in said if words[0] == "ended"} - deleted
        if ended & set(blobs_by_consent(folder / "data" / "faces.db")):
            return
    pytest.fail("no kill fell between the end of a consent and the deletion of its templates")

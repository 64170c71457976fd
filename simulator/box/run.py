"""Start, watch and stop a whole office and a head office."""

import asyncio
import fcntl
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from contracts.values import utc_now
from simulator.box import banner, faces
from simulator.box.configs import NODE, write_configs
from simulator.box.hours import zone_open_at
from simulator.box.offices import LIVE, OFFICES, YOURS, Office
from simulator.box.ports import choose
from simulator.box.provision import ProvisionError, provision
from simulator.box.readiness import (
    NodeWatch,
    NotReadyError,
    Probe,
    devices_answer,
    has_roster,
    healthz,
    listening,
    until,
)
from simulator.box.state import Folder, State, StateError, write_secrets
from simulator.box.supervisor import Program, Supervisor
from simulator.history.progress import read_progress
from simulator.stopping import sleep_unless, stop_event

DEFAULT_SEED = 20261122
_READY_SECONDS = 90.0
_MOST_DEATHS = 3
_LOG_TAIL = 15
_PROGRESS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    data_dir: Path
    office_count: int = 3
    speed: float = 1.0
    people: bool = True
    history: bool = True
    screens: bool = True
    ready_file: Path | None = None
    seed: int = DEFAULT_SEED
    faces: bool = True


def say(text: str) -> None:
    print(text, flush=True)


class Box:
    """One run, from the first program to the last."""

    def __init__(self, options: Options, folder: Folder, state: State) -> None:
        self._options = options
        self._folder = folder
        self._state = state
        self._offices: list[Office] = OFFICES[: options.office_count]
        self._faces = faces.find() if options.faces else None
        self._configs = write_configs(folder, state, self._offices, options.speed, self._faces)
        self._supervisor = Supervisor(folder.root, folder / "logs", say, self._pids_changed)
        self._ready: dict[str, Any] | None = None
        self._began = time.monotonic()

    async def run(self, stopping: asyncio.Event) -> int:
        """The exit code: 0 after an orderly stop, 1 when the box never became ready."""
        opening = asyncio.create_task(self._open())
        told_to_stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({opening, told_to_stop}, return_when=asyncio.FIRST_COMPLETED)
            if opening.done():
                opening.result()
                await self._watch_history(stopping)
                await stopping.wait()
            return 0
        except (NotReadyError, ProvisionError, httpx.HTTPError) as error:
            say(f"  ✗ 启动失败 could not start: {error}")
            return 1
        finally:
            opening.cancel()
            told_to_stop.cancel()
            await asyncio.gather(opening, told_to_stop, return_exceptions=True)
            say("  正在停止 stopping…")
            await self._supervisor.stop()
            for path in self._ready_files():
                path.unlink(missing_ok=True)
            say("  已停止 stopped")

    async def _open(self) -> None:
        ports = self._state.ports
        self._start_programs()
        node = NodeWatch(ports["broker"], LIVE.slug, NODE)
        try:
            await asyncio.gather(
                self._stage("broker", "消息中间件", listening(ports["broker"])),
                self._open_edge(node),
                *([self._stage("kiosk_ui", "界面", healthz(ports["kiosk_ui"]))] if self._options.screens else []),
                self._open_central(ports["central"]),
                self._stage("gateway", "案场网关", healthz(ports["gateway"])),
            )
            await self._stage("gateway", "花名册 roster", has_roster(ports["gateway"], self._state.tokens["board"]))
        finally:
            node.close()
        if self._options.history:
            self._supervisor.start(self._own("history", nice=10))
        if self._options.people:
            self._supervisor.start(self._own("people"))
        took = time.monotonic() - self._began
        self._ready = self._describe(took)
        self._write_ready()
        options = self._options
        say(
            banner.ready(
                self._state,
                self._offices,
                took,
                self._folder.root,
                people=options.people,
                history=options.history and not self._history_told(),
            )
        )

    def _start_programs(self) -> None:
        broker = [sys.executable, "-m", "simulator", "broker", "--port", str(self._state.ports["broker"])]
        self._supervisor.start(Program("broker", broker, stop_last=True))
        self._supervisor.start(self._own("devices"))
        if self._faces is not None:
            self._supervisor.start(Program("cameras", self._command("devices", "cameras")))
        screens = ("kiosk_ui",) if self._options.screens else ()
        for name in ("central", "gateway", *screens):
            self._supervisor.start(self._other(name))

    def _other(self, name: str) -> Program:
        return Program(name, [sys.executable, "-m", name, "--config", str(self._configs[name])])

    def _own(self, name: str, nice: int = 0) -> Program:
        return Program(name, self._command(name, name), nice=nice)

    def _command(self, program: str, config: str) -> list[str]:
        return [sys.executable, "-m", "simulator", program, "--config", str(self._configs[config])]

    async def _stage(self, name: str, title: str, probe: Probe) -> None:
        try:
            await until(probe, _READY_SECONDS, lambda: self._supervisor.restarts(name) >= _MOST_DEATHS)
        except NotReadyError as error:
            raise NotReadyError(f"{name} {error}\n{self._tail(name)}") from None
        say(f"  ✓ {time.monotonic() - self._began:4.1f} s  {title} {name}")

    async def _open_edge(self, node: NodeWatch) -> None:
        """The agent after its devices, so that it finds every line plugged in."""
        await self._stage("devices", "模拟设备", devices_answer(self._folder / "devices.sock"))
        if self._faces is not None:
            await self._stage("cameras", "模拟摄像头", devices_answer(self._folder / "cameras.sock"))
        elif self._options.faces:
            say("  ! 没有人脸模型，演示不含摄像头 no face models, no cameras: `make models` fetches them")
        self._supervisor.start(self._other("edge_agent"))
        await self._stage("edge_agent", "边缘采集", node.probe)

    async def _open_central(self, port: int) -> None:
        await self._stage("central", "总部", healthz(port))
        await provision(f"http://127.0.0.1:{port}", self._state, self._offices)

    def _tail(self, name: str) -> str:
        path = self._supervisor.log_of(name)
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_TAIL:]
        return "\n".join([f"    {path}:", *[f"    │ {line}" for line in lines]])

    async def _watch_history(self, stopping: asyncio.Event) -> None:
        if not self._options.history or self._history_told():
            return
        while not await sleep_unless(stopping, _PROGRESS_SECONDS):
            if self._history_told():
                told = sum(int(door["told"]) for door in read_progress(self._folder / "history.json").values())
                say(f"  ✓ 过去的数据已录入，共 {told} 条 · the invented past is in: {told} events")
                return

    def _history_told(self) -> bool:
        doors = read_progress(self._folder / "history.json")
        return bool(doors) and all(door["caught_up"] for door in doors.values())

    def _describe(self, took: float) -> dict[str, Any]:
        state = self._state
        return {
            "url": f"http://127.0.0.1:{state.ports['kiosk_ui']}",
            "office": LIVE.slug,
            "node": NODE,
            "offices": [office.slug for office in self._offices],
            "time_zone": state.time_zone,
            "ports": state.ports,
            "tokens": {
                **state.tokens,
                "offices": {each.slug: state.offices[each.slug].token for each in self._offices},
            },
            "accounts": [account.model_dump() for account in state.offices[LIVE.slug].accounts],
            "head_office": [account.model_dump(exclude={"pin_hash"}) for account in state.head_office],
            "yours": YOURS.staff_no,
            "control": str(self._folder / "devices.sock"),
            "cameras": str(self._folder / "cameras.sock") if self._faces is not None else None,
            "data_dir": str(self._folder.root),
            "ready_at": utc_now().isoformat(),
            "took_seconds": round(took, 2),
        }

    def _pids_changed(self) -> None:
        if self._ready is not None:
            self._write_ready()

    def _ready_files(self) -> list[Path]:
        extra = [self._options.ready_file] if self._options.ready_file else []
        return [self._folder / "ready.json", *extra]

    def _write_ready(self) -> None:
        pids = {"box": os.getpid(), **self._supervisor.pids()}
        text = json.dumps({**(self._ready or {}), "pids": pids}, ensure_ascii=False, indent=1)
        for path in self._ready_files():
            Folder(path.parent).secret(path.name, text)


async def run(options: Options) -> int:
    """The exit code. Raises StateError when the folder cannot be used, OSError when no port is free."""
    stopping = stop_event()
    folder = Folder(options.data_dir)
    folder.make()
    with _only_one(folder):
        (folder / "ready.json").unlink(missing_ok=True)
        (folder / "history.json").unlink(missing_ok=True)
        state = _prepare(folder, options)
        return await Box(options, folder, state).run(stopping)


def reset(data_dir: Path) -> bool:
    """Forget everything; False when there was nothing. Raises StateError while a box runs there."""
    folder = Folder(data_dir)
    if not folder.root.is_dir():
        return False
    folder.must_be_ours()
    with _only_one(folder):
        folder.forget()
    return True


def _prepare(folder: Folder, options: Options) -> State:
    now = utc_now()
    state = folder.load()
    say(
        "  案场 Anchang: "
        + ("第一次启动，准备数据 first start" if state is None else "继续上次的数据 keeping the data")
    )
    if state is None:
        state = State.new(now, options.seed)
    zone = zone_open_at(now, state.time_zone)
    if zone != state.time_zone:
        say(banner.moved(state.time_zone, zone))
        state.time_zone = zone
    state.ports, stepped = choose(state.ports)
    if stepped:
        say(banner.stepped_over(stepped))
    state.starts += 1
    folder.save(state)
    write_secrets(folder, state, OFFICES[: options.office_count])
    return state


class _only_one:  # noqa: N801 - reads as a word of the with statement
    """A lock on the folder, released by the kernel however we end."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        self._file = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise StateError(f"a box is running in {self._folder.root}: stop it first") from None

    def __exit__(self, *_: object) -> None:
        self._file.close()

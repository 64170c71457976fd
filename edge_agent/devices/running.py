"""The devices that run. Some may be exchanged while the others go on, and one that hangs is begun anew beside it."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.messages import DeviceStatus
from edge_agent.devices.base import BaseDeviceConfig, Commanded, Device
from edge_agent.devices.supervisor import SupervisedDevice, Surroundings

MOST_GIVEN_UP = 3
"""Threads that hang cannot be ended: no further driver is begun while so many are left behind."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Running:
    config: BaseDeviceConfig
    supervised: SupervisedDevice


class RunningDevices:
    """Thread-safe. `commanded` is always that of the devices running now."""

    def __init__(
        self,
        configs: Sequence[BaseDeviceConfig],
        build: Callable[[BaseDeviceConfig], Device],
        around: Surroundings,
    ) -> None:
        self._build, self._around = build, around
        self._lock = threading.RLock()
        self._running = {config.id: self._prepare(config) for config in configs if config.enabled}
        self._started = False
        self._given_up: list[SupervisedDevice] = []
        self._hanging: set[str] = set()
        self.commanded: dict[str, Commanded] = {}
        self._list_commanded()

    def start(self) -> None:
        with self._lock:
            self._started = True
            for each in self._running.values():
                each.supervised.start()

    def stop(self) -> None:
        with self._lock:
            self._end(list(self._running.values()))

    def change(self, configs: Sequence[BaseDeviceConfig]) -> set[str]:
        """Stop what is gone or changed, start what is new or changed, leave the rest; returns what was started.

        Everything is built before anything is stopped: what a driver raises at that leaves all as it was.
        """
        configs = [config for config in configs if config.enabled]
        with self._lock:
            stays = {c.id: self._running[c.id] for c in configs if c.id in self._running and self._same(c)}
            fresh = {config.id: self._prepare(config) for config in configs if config.id not in stays}
            self._end([each for name, each in self._running.items() if name not in stays])
            self._running = {config.id: stays.get(config.id) or fresh[config.id] for config in configs}
            self._list_commanded()
            if self._started:
                for each in fresh.values():
                    each.supervised.start()
            return set(fresh)

    def statuses(self) -> list[DeviceStatus]:
        with self._lock:
            return [each.supervised.status() for each in self._running.values()]

    def rare(self, seconds: float) -> set[str]:
        """Those that may be silent for longer than `seconds` and well."""
        with self._lock:
            return {n for n, each in self._running.items() if getattr(each.config, "silent_seconds", 0.0) > seconds}

    def look(self) -> None:
        """To be called now and then: tell which drivers hang, and begin those anew that may be."""
        with self._lock:
            self._given_up = [each for each in self._given_up if each.alive]
            hanging = [name for name, each in self._running.items() if each.supervised.look()]
            for name in hanging:
                self._begin_anew(name)
            recovering = {n for n in self._hanging if n in self._running and not self._running[n].supervised.well}
            self._hanging = recovering | set(hanging)

    @property
    def hanging(self) -> bool:
        """A driver stands still, or did and has not been heard since."""
        return bool(self._hanging)

    def dead(self) -> str:
        """A device whose thread ended though nobody asked, else an empty text."""
        with self._lock:
            return next((name for name, each in self._running.items() if each.supervised.dead), "")

    def _begin_anew(self, name: str) -> None:
        """A printer could print twice, and a port or a camera is still held: those only tell."""
        before = self._running[name]
        device = before.supervised.device
        if len(self._given_up) >= MOST_GIVEN_UP or isinstance(device, Commanded) or not before.config.can_be_doubled:
            return
        _log.error("a driver hangs, another one takes over", extra={"device": name})
        fresh = self._prepare(before.config, "begun_anew")
        before.supervised.give_up()
        self._given_up.append(before.supervised)
        self._running[name] = fresh
        fresh.supervised.start()

    def _same(self, config: BaseDeviceConfig) -> bool:
        return self._running[config.id].config == config

    def _prepare(self, config: BaseDeviceConfig, begun: str = "not_heard") -> _Running:
        driver = str(getattr(config, "driver", ""))
        return _Running(config, SupervisedDevice(config.id, driver, self._build(config), self._around, begun))

    def _list_commanded(self) -> None:
        devices = {name: each.supervised.device for name, each in self._running.items()}
        found = {name: device for name, device in devices.items() if isinstance(device, Commanded)}
        for name in self.commanded.keys() - found.keys():
            del self.commanded[name]
        self.commanded.update(found)

    @staticmethod
    def _end(devices: list[_Running]) -> None:
        for each in devices:
            each.supervised.stop()
        for each in devices:
            each.supervised.join()

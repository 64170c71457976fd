"""What a running server is made of; built once by the composition root and reached by every route."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from central.access import Access
from central.database import Database
from central.deadletters.service import DeadLetters
from central.footfall.port import TimeSeries
from central.metrics import Metrics
from central.vault import Vault
from contracts.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Runtime:
    """`sealers` by office; `clock` answers the aware time in UTC."""

    database: Database
    vault: Vault
    access: Access
    sealers: Mapping[str, Sealer]
    timeseries: TimeSeries
    dead_letters: DeadLetters
    metrics: Metrics
    clock: Callable[[], datetime]


def _runtime(request: Request) -> Runtime:
    return cast(Runtime, request.app.state.runtime)


RuntimeDep = Annotated[Runtime, Depends(_runtime)]

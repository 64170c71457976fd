"""Loads every feature's tables, so that migrations and checks see all of them."""

import importlib
import pkgutil

import gateway
from gateway.tables import METADATA

__all__ = ["METADATA"]

for _module in pkgutil.iter_modules(gateway.__path__):
    if _module.ispkg and _module.name != "migrations":
        _names = {found.name for found in pkgutil.iter_modules([f"{gateway.__path__[0]}/{_module.name}"])}
        if "tables" in _names:
            importlib.import_module(f"gateway.{_module.name}.tables")

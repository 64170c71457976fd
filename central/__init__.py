"""The company's server: takes what offices record, keeps the CRM and the counts, answers the console."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("anchang")
except PackageNotFoundError:  # run from a source tree that was not installed
    __version__ = "0.1.0"

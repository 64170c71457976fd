"""Where the office's MQTT broker is; apart from the other sections, for the link needs to know no others."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ConfigError(ValueError):
    """The file cannot be used; one line for each mistake, with its place."""


class BrokerConfig(BaseModel):
    """The office's MQTT broker. `tls_ca_file` switches TLS on."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str = ""
    password_file: str = ""
    tls_ca_file: str = ""
    keepalive_seconds: Annotated[int, Field(ge=5, le=600)] = 15

    def password(self) -> str:
        """Raises ConfigError when the file cannot be read."""
        if not self.password_file:
            return ""
        try:
            return Path(self.password_file).read_text().strip()
        except OSError as error:
            raise ConfigError(f"broker.password_file: {error}") from error

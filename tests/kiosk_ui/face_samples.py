"""What a gateway answers around faces, filled with plausible values; tests change the members they are about."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import gateway
from contracts.faces_api import (
    Candidate,
    ConsentText,
    ConsentView,
    FacesOverview,
    Greeting,
    Review,
)
from contracts.ids import uuid7
from contracts.messages import FaceStatus
from contracts.values import utc_now
from tests.kiosk_ui.samples import PERSON, a_customer

OFFICES = {"zh-CN": "云栖湖岸", "en": "Yunqi Lakeside"}


def consent_text(language: str, version: str = "2026-12") -> ConsentText:
    """The office's own words, as the gateway sends them."""
    (newest, *_) = sorted(
        (Path(gateway.__file__).parent / "consents" / "texts").glob(f"*.{language}.toml"), reverse=True
    )
    words = {"office": OFFICES[language], "days": 90}

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        return [filled(inner) for inner in value] if isinstance(value, list) else value.format(**words)

    body = filled(tomllib.loads(newest.read_text(encoding="utf-8")))
    more = {"version": version, "sha256": "a" * 64, "language": language, "retention_days": 90}
    return ConsentText.model_validate(body | more)


def a_consent(**fields: Any) -> ConsentView:
    now = utc_now()
    given = {
        "consent_id": uuid7(),
        "state": "active",
        "text_version": "2026-12",
        "language": "zh-CN",
        "given_at": now - timedelta(days=12),
        "until": now + timedelta(days=78),
        "engine": "opencv",
    }
    return ConsentView.model_validate(given | fields)


def a_greeting(**fields: Any) -> Greeting:
    now = utc_now()
    given = {
        "greeting_id": uuid7(),
        "state": "open",
        "seen_at": now,
        "node": "lobby",
        "camera": "cam-door",
        "score": 0.71,
        "threshold": 0.55,
        "customer": a_customer(name="王**", phone="139****6688"),
        "owner_id": PERSON,
        "owner_name": "李明",
        "last_visit_at": now - timedelta(days=13),
    }
    return Greeting.model_validate(given | fields)


def a_review(**fields: Any) -> Review:
    given = {
        "review_id": uuid7(),
        "kind": "face_conflict",
        "state": "open",
        "opened_at": utc_now() - timedelta(minutes=2),
        "visit_id": uuid7(),
        "candidates": [
            Candidate(
                customer=a_customer(name="王**", phone="139****6688"),
                evidence=[{"code": "face", "score": 0.58, "threshold": 0.55}],
            ),
            Candidate(
                customer=a_customer(name="刘**", phone="137****0021", visit_count=1, owner_name="王芳"),
                evidence=[{"code": "number"}],
            ),
        ],
    }
    return Review.model_validate(given | fields)


def an_overview(**fields: Any) -> FacesOverview:
    def status(**more: Any) -> FaceStatus:
        lease = utc_now() + timedelta(minutes=12)
        base = {"engine": "opencv", "model": "9f" * 32, "matching": True, "vault": False, "lease_until": lease}
        return FaceStatus.model_validate(base | more)

    vault = status(vault=True, people=128, templates=384, cameras=["cam-kiosk"])
    given = {
        "available": True,
        "active": 128,
        "granted": 2,
        "refused_today": 3,
        "ended_last_30_days": 9,
        "withdrawals_pending": 1,
        "count_alarm_at": 80_000,
        "text_version": "2026-12",
        "retention_days": 90,
        "nodes": [
            {"node": "lobby", "online": True, "faces": vault},
            {"node": "door", "online": True, "faces": status(cameras=["cam-door"])},
        ],
    }
    return FacesOverview.model_validate(given | fields)

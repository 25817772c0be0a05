"""The packet as a file for machines: the same values as its text, as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from templates.letters import Packet

SCHEMA = "packet/1"  # the version that packet.json names


def packet_json(packet: Packet) -> bytes:
    """The packet for machines; the same values always give the same octets."""
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "reference": packet.reference,
        "leg": packet.leg,
        "form": packet.form,
        "purpose": packet.purpose,
        "basis": packet.basis,
        "manifest": sorted(packet.manifest),
        "values": {name: value for name, value in packet.answers.items() if name in packet.manifest},
        "acknowledge_by": _utc(packet.acknowledge_by),
        "answer_by": _utc(packet.answer_by),
        "answer_address": packet.answering.address,
        "answer_page": packet.answering.page,
        "code": packet.answering.code,
    }
    if packet.own_reference:
        data["own_reference"] = packet.own_reference
    if packet.worker:
        data["worker"] = packet.worker
    if packet.overridden:
        data["refusal_overridden"] = list(packet.overridden)
    if packet.kept_back:
        data["kept_back"] = list(packet.kept_back)
    if packet.worry_kept_back:
        data["worry_kept_back"] = True
    if packet.files:
        data["files_at_hub"] = packet.files
    if packet.lanes:
        data["lanes"] = dict(packet.lanes)
    return (json.dumps(data, sort_keys=True, ensure_ascii=False, indent=2) + "\n").encode()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""What a check costs is processor time, and an estimate of energy at the stated watts."""

import pytest

from labeler.quality import cost


def test_energy_is_processor_time_times_the_stated_watts(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = cost.Meter(20, began=100.0, computed=5.0)
    monkeypatch.setattr("labeler.quality.cost.time.monotonic", lambda: 160.0)
    monkeypatch.setattr("labeler.quality.cost.time.process_time", lambda: 95.0)
    told = meter.read()
    assert told == {
        "seconds": 60.0,
        "cpu_seconds": 90.0,
        "watts_a_core": 20,
        "watt_hours": 0.5,
        "energy_is": "an estimate",
    }

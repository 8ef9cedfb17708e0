"""A receiver on this machine, and an instance whose operator allows it."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest

from labeler.config import Settings
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return replace(any_settings, webhook_networks=(ip_network("127.0.0.0/8"),))

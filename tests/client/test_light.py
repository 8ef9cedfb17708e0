"""The client is light: a program that only sends rows loads none of what the server is made of."""

import subprocess
import sys

HEAVY = {
    "flask",
    "werkzeug",
    "apiflask",
    "sqlalchemy",
    "alembic",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "pydantic",
    "PIL",
}
LOADED = f"import sys, labeler.client; print(sorted({HEAVY} & set(sys.modules)))"
OWN = (
    "import sys, labeler.client; print(sorted({name.split('.')[1] for name in sys.modules if name[:8] == 'labeler.'}))"
)


def said_by(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_it_loads_nothing_heavy() -> None:
    assert said_by(LOADED) == "[]"


def test_it_knows_no_room_of_the_server() -> None:
    assert said_by(OWN) == "['client', 'durable', 'errors', 'messages']"

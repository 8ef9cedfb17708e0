"""`labeler …` and `python -m labeler …`: hands the command line the function that builds the web app."""

from labeler.cli import labeler
from labeler.config import Settings


def main() -> None:
    """Run the command line."""
    labeler(obj=_make_app)


def _make_app(settings: Settings) -> object:
    from labeler.app import create_app  # Flask is loaded only for the commands that serve pages

    return create_app(settings)


if __name__ == "__main__":
    main()

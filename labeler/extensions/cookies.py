"""The cookie that holds the session, kept off answers that may be stored for others.

Note: Flask writes it last, after everything that could still take it away, so it is here that
an answer marked public is left without.
"""

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class Cookies(SecureCookieSessionInterface):
    """Flask's own sessions, but for what everybody gets alike."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session into an answer that is for one person."""
        if not response.cache_control.public:
            super().save_session(app, session, response)

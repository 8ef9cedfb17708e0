"""The security headers of every answer, and the stricter ones of bytes that came from users."""

from flask import Response, current_app, request

_PAGE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; "
        "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
}
USER_BYTES = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def add_headers(response: Response) -> Response:
    """Add to an answer what it does not say itself."""
    for name, value in _PAGE.items():
        response.headers.setdefault(name, value)
    if request.is_secure or current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if not response.cache_control.public:
        response.vary.add("Cookie")
    return response


def as_user_bytes(response: Response) -> Response:
    """Mark an answer as bytes that came from a user: shown, never run. A picture never changes under its address."""
    response.headers["Content-Security-Policy"] = USER_BYTES
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response

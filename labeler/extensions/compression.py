"""Pages and JSON are packed on the way out; over a slow line that is most of the time somebody waits for a page.

Note: packing beside a secret can give the secret away to who can see sizes and add text. The
one secret in a page is the form token, which carries a time and a signature and so differs in each page; and cookies
do not travel with requests that another site makes (SameSite). What is streamed or sent as a file stays as it is:
exports would arrive in one piece, and pictures are packed already.
"""

import zlib

from flask import Response, request

_KINDS = frozenset({"text/html", "application/json", "application/problem+json"})
_SMALL = 1024  # bytes; below this a packed answer is no faster
_LEVEL = 5  # the step after which more time buys next to nothing
_WINDOW_BITS = {"gzip": 31, "deflate": 15}


def pack(response: Response) -> Response:
    """Pack an answer if it is worth it and the client takes it."""
    if response.mimetype not in _KINDS or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    encoding = next((name for name in _WINDOW_BITS if request.accept_encodings[name] > 0), None)
    content = response.get_data()
    if encoding is None or len(content) < _SMALL or "Content-Encoding" in response.headers:
        return response
    packer = zlib.compressobj(_LEVEL, wbits=_WINDOW_BITS[encoding])
    response.set_data(packer.compress(content) + packer.flush())
    response.headers["Content-Encoding"] = encoding
    return response

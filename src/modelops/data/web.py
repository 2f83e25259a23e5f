"""Files on a web server, with what tells that they have not changed."""

from __future__ import annotations

import base64
import shutil
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from modelops.core.errors import ModelopsError
from modelops.data.sources import Format, WebFile, known_format

_TIMEOUT = 60.0
_SUFFIXES: dict[str, Format] = {
    "text/csv": "csv",
    "application/x-ndjson": "json",
    "application/jsonl": "json",
    "application/vnd.apache.parquet": "parquet",
}


def fingerprint(file: WebFile) -> str | None:
    """Return what names the file's content on its server, None when the server does not say.

    Raises
    ------
    ModelopsError
        When the server cannot be reached or refuses.
    """
    headers = _open(file, "HEAD")[1]
    tag, changed, size = headers.get("ETag"), headers.get("Last-Modified"), headers.get("Content-Length")
    if tag and not tag.startswith("W/"):
        return f"etag {tag} {size}"
    return f"time {changed} {size}" if changed and size else None


def download(file: WebFile, folder: Path) -> tuple[Path, Format]:
    """Fetch the file into a folder; return where it is and its format.

    Raises
    ------
    ModelopsError
        When the server cannot be reached, refuses or goes away in the middle, or the format is unknown.
    """
    stream, headers = _open(file, "GET")
    path = urlsplit(file.address.full).path
    layout = known_format(path) or _SUFFIXES.get(headers.get_content_type())
    if layout is None:
        raise ModelopsError(
            f"data.sources.{file.name}: neither address nor server ({headers.get_content_type()}) says what it is",
            hint="the address should end in .parquet, .csv, .jsonl or .ndjson",
        )
    packed = next((suffix for suffix in (".gz", ".zst") if path.endswith(suffix)), "")
    target = folder / f"{file.name}.{layout}{packed}"
    try:
        with stream, target.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)
    except (OSError, HTTPException) as error:
        raise _gone(file, error) from None
    announced = headers.get("Content-Length")
    size = target.stat().st_size
    if announced is not None and size != int(announced):
        raise ModelopsError(
            f"data.sources.{file.name}: {file.address.written} broke off after {size:,} of {int(announced):,} bytes",
            hint="run it again",
        )
    return target, layout


class _Redirects(HTTPRedirectHandler):
    """Follows redirects, never from https to http."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise HTTPException("the server redirects from https to http")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(file: WebFile, method: str) -> tuple[IO[bytes], HTTPMessage]:
    parts = urlsplit(file.address.full)
    userinfo, _, host = parts.netloc.rpartition("@")
    request = Request(urlunsplit(parts._replace(netloc=host, fragment="")), method=method)  # noqa: S310 - https, or loopback
    request.add_header("Accept-Encoding", "identity")
    if userinfo:
        # Not sent on to where the server redirects.
        token = base64.b64encode(unquote(userinfo).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    try:
        answer = build_opener(_Redirects).open(request, timeout=_TIMEOUT)
    except HTTPError as error:
        raise ModelopsError(
            f"data.sources.{file.name}: {file.address.written} answers {error.code} {error.reason}",
            hint="check the address and its credentials",
        ) from None
    except (OSError, HTTPException) as error:
        raise _gone(file, error) from None
    return answer, answer.headers


def _gone(file: WebFile, error: Exception) -> ModelopsError:
    reason = file.address.redact(str(getattr(error, "reason", error)) or type(error).__name__)
    return ModelopsError(
        f"data.sources.{file.name}: {file.address.written} cannot be read: {reason}",
        hint="run it again when the server is back",
    )

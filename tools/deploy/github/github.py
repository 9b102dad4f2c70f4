"""GitHub's REST API as far as releases, comments and issues need it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from tools.common.errors import CommandError

API = "https://api.github.com"
ACTIONS = "github-actions[bot]"  # whom a workflow's token writes as
PAGE = 100
MOST_PAGES = 50
TIMEOUT = urllib3.Timeout(connect=10, read=60)
# A read or a put is sent again; what adds something is not: perhaps only its answer was lost.
RETRIES = urllib3.Retry(
    total=3,
    backoff_factor=0.5,
    status_forcelist=(502, 503, 504),
    raise_on_status=False,
    respect_retry_after_header=False,
)


class GitHubError(CommandError):
    """GitHub refused, or was not reached; `status` is its HTTP status, 0 where there was none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class GitHub:
    """One repository ("owner/name"), asked with one token."""

    def __init__(self, repository: str, token: str, api: str = API) -> None:
        self.repository = repository
        self._api = api.rstrip("/")
        self._headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "User-Agent": "sluice",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._pool = urllib3.PoolManager(timeout=TIMEOUT, retries=RETRIES)

    @classmethod
    def from_environment(cls) -> GitHub:
        """As a workflow's or a person's variables say.

        Raises GitHubError naming the one that is missing.
        """
        token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
        repository = os.environ.get("GITHUB_REPOSITORY", "")
        if not token:
            raise GitHubError(
                "GITHUB_TOKEN is missing. In a workflow: env: GITHUB_TOKEN: ${{ github.token }}. "
                "On a laptop: $(gh auth token)"
            )
        if repository.count("/") != 1:
            raise GitHubError("GITHUB_REPOSITORY is missing: the repository as owner/name")
        return cls(repository, token, os.environ.get("GITHUB_API_URL") or API)

    @property
    def owner(self) -> str:
        """Whose repository it is, as "acme" of "acme/sluice"."""
        return self.repository.split("/")[0]

    def me(self) -> str:
        """The login that this token writes as.

        A workflow's token cannot ask, but is always the same one.
        """
        if os.environ.get("GITHUB_ACTIONS") == "true":
            return ACTIONS
        return str(self._ask("GET", f"{self._api}/user")["login"])

    def get(self, path: str) -> Any:
        """The answer's JSON; `path` is below the repository. Raises GitHubError."""
        return self._ask("GET", self._url(path))

    def get_or_none(self, path: str) -> Any:
        """As `get`, but None where there is nothing (404)."""
        try:
            return self.get(path)
        except GitHubError as error:
            if error.status != 404:
                raise
            return None

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Add something. Raises GitHubError."""
        return self._ask("POST", self._url(path), body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something. Raises GitHubError."""
        return self._ask("PATCH", self._url(path), body)

    def delete(self, path: str) -> None:
        """Take something away. Raises GitHubError."""
        self._send("DELETE", self._url(path))

    def pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, over all its pages. Raises GitHubError, past 5,000 items too."""
        url: str | None = f"{self._url(path)}?{urlencode({**query, 'per_page': PAGE})}"
        for _ in range(MOST_PAGES):
            response = self._send("GET", str(url))
            yield from response.json()
            url = _next(response.headers.get("link", ""))
            if url is None:
                return
        raise GitHubError(f"{path} has more than {MOST_PAGES * PAGE} items: this is not looked through")

    def upload(self, template: str, name: str, content: bytes, kind: str) -> Any:
        """Add an asset to a release; `template` is the release's upload_url. Raises GitHubError."""
        url = f"{template.split('{')[0]}?name={quote(name)}"
        return self._send("POST", url, content, kind).json()

    def _url(self, path: str) -> str:
        return f"{self._api}/repos/{self.repository}/{path}"

    def _ask(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        return self._send(method, url, content).json()

    def _send(
        self, method: str, url: str, content: bytes | None = None, kind: str = "application/json"
    ) -> urllib3.BaseHTTPResponse:
        headers = self._headers if content is None else {**self._headers, "Content-Type": kind}
        try:
            response = self._pool.request(method, url, body=content, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise GitHubError(f"GitHub was not reached: {method} {url}: {error}. Try again") from error
        if response.status >= 300:
            raise GitHubError(_refusal(method, url, response), response.status)
        return response


def _next(links: str) -> str | None:
    """The address of the next page in a Link header."""
    for link in links.split(","):
        address, _, relation = link.partition(";")
        if 'rel="next"' in relation:
            return address.strip().strip("<>")
    return None


def _refusal(method: str, url: str, response: urllib3.BaseHTTPResponse) -> str:
    try:
        answer = response.json()
        errors = [json.dumps(error) for error in answer.get("errors", [])]
        reason = " ".join([str(answer.get("message")), *errors])
    except (ValueError, AttributeError):
        reason = response.data[:500].decode(errors="replace")
    advice = {
        401: ". Is GITHUB_TOKEN still valid?",
        403: ". Does the token have the permission for this (in a workflow: the job's `permissions`), "
        "or is its rate limit used up?",
        404: ". Is GITHUB_REPOSITORY right, and may the token see it?",
    }.get(response.status, "")
    return f"GitHub answered {response.status} to {method} {url}: {reason}{advice}"

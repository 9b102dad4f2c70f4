"""`make account`: what an account needs once, with its Terraform state in the bucket it makes.

The first run has nowhere to put its state: it applies with a state on this machine, then moves that
into the bucket. The next run resumes one that broke off, wherever it was. AWS, or the local cloud
in its place where AWS_ENDPOINT_URL is on this machine.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import guard, terraform
from tools.environment.names import folder_of, value_of
from tools.environment.reach import local_cloud, why_offline
from tools.environment.staging import OVERRIDE, staged


def run(environment: str, *, confirmed: bool, root: Path = ROOT, work: Path | None = None) -> int:
    """Make or change what the account of an environment needs; Terraform's exit code.

    `confirmed`: nobody is asked. `work`: where its staged copy and first state lie, instead of
    build/account/<environment>.
    Raises CommandError: no credentials, those of another account, or a state that is nowhere.
    """
    folder = folder_of(environment, root) / "account"
    if not folder.is_dir():
        raise CommandError(
            f"environments/{environment} has no account of its own: ENV is one of {', '.join(_names(root))}"
        )
    endpoint = local_cloud()
    reason = "" if endpoint else why_offline(environment)
    if reason:
        raise CommandError(
            f"cannot set up the account of {environment} on AWS {reason}. Sign in as its administrator and try again; "
            f"`make plan ENV={environment}/account` shows offline what it would make"
        )
    arn = guard.refuse_wrong_account(f"{environment}/account", root)
    print(f"the account of {environment}, as {arn}", flush=True)
    work = work or root / "build" / "account" / environment
    with _terraform(endpoint) as attached:
        return _Bootstrap(folder, work, attached, confirmed).resume()


@dataclass(frozen=True)
class _Terraform:
    """Terraform on AWS or on the local cloud."""

    reattach: Mapping[str, object] | None
    extra: Mapping[str, str]

    def init(self, copy: Path, *options: str, bucket: bool = True) -> None:
        if self.reattach is not None and bucket:
            options = (*options, terraform.PATH_STYLE)
        terraform.run(["init", "-input=false", *options], copy, self.reattach, extra=self.extra)

    def apply(self, copy: Path, confirmed: bool) -> int:
        command = ["apply", "-input=false", "-auto-approve"] if confirmed else ["apply"]
        done = terraform.run(command, copy, self.reattach, extra=self.extra, capture=False, check=False, timeout=None)
        return done.returncode


@dataclass(frozen=True)
class _Bootstrap:
    """One account's root; `work` holds its staged copy and, until it is moved, its state."""

    folder: Path
    work: Path
    terraform: _Terraform
    confirmed: bool

    @property
    def local_state(self) -> Path:
        """The state on this machine."""
        return self.work / "terraform.tfstate"

    def resume(self) -> int:
        """Go on from wherever an earlier run came to; Terraform's exit code."""
        is_there, state = self._bucket()
        if state is not None:
            self._delete_local_state(state)
            copy = staged(self.folder, self.work, own_backend=True)
            self.terraform.init(copy)
            self._keep_lock(copy)
            return self.terraform.apply(copy, self.confirmed)
        imported = any(self.folder.glob("imports.tf"))  # how a lost state is begun again
        if is_there and not imported and not _read(self.local_state).get("resources"):
            raise CommandError(
                f"bucket {self._backend('bucket')} is there, but without {self._backend('key')}, "
                f"and there is no {self.local_state} either: whoever began on another machine has that file. "
                "Put it there and run this again; if it is lost, see docs/how-to/deploy.md"
            )
        return self._begin()

    def _begin(self) -> int:
        print(f"the account has no state in its bucket yet; until it has, it is in {self.local_state}", flush=True)
        copy = staged(self.folder, self.work)
        self.terraform.init(copy, bucket=False)
        self._keep_lock(copy)
        code = self.terraform.apply(copy, self.confirmed)
        if code:
            print("not finished: run the same again, and it goes on from where it came to", flush=True)
            return code
        (copy / OVERRIDE).unlink()
        self.terraform.init(copy, "-migrate-state", "-force-copy")
        _, state = self._bucket()
        self._delete_local_state(state or {})
        print(f"the state is in s3://{self._backend('bucket')}/{self._backend('key')} now", flush=True)
        return 0

    def _keep_lock(self, copy: Path) -> None:
        """Commit the real Terraform's choice of providers, as every environment's is."""
        if self.terraform.reattach is None and (copy / terraform.LOCK).exists():
            shutil.copy(copy / terraform.LOCK, self.folder)

    def _bucket(self) -> tuple[bool, dict[str, Any] | None]:
        """Whether the state's bucket is there, and the state in it, if any.

        Raises CommandError when it is somebody else's.
        """
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        make: Any = boto3.session.Session().client
        client, name = make("s3", region_name=self._backend("region")), self._backend("bucket")
        bucket = {"Bucket": name, "ExpectedBucketOwner": self._backend("allowed_account_ids")}
        try:
            client.head_bucket(**bucket)
            body: bytes = client.get_object(**bucket, Key=self._backend("key"))["Body"].read()
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            if code in ("404", "NoSuchBucket"):
                return False, None
            if code == "NoSuchKey":
                return True, None
            raise CommandError(
                f"bucket {name} cannot be looked at ({error}): it may be another account's, whose name is taken"
            ) from error
        except BotoCoreError as error:
            raise CommandError(f"bucket {name} cannot be looked at: {error}") from error
        state: dict[str, Any] = json.loads(body)
        return True, state

    def _delete_local_state(self, state: Mapping[str, Any]) -> None:
        """Delete the state on this machine, once the bucket's holds all that it does.

        Raises CommandError until then.
        """
        missing = _managed(_read(self.local_state)) - _managed(state)
        if missing:
            raise CommandError(
                f"{self.local_state} knows {len(missing)} things that the bucket's state does not, "
                f"such as {min(missing)}: compare the two, "
                "and delete the one on this machine when nothing of it is needed"
            )
        for path in self.work.glob("terraform.tfstate*"):
            path.unlink()

    def _backend(self, argument: str) -> str:
        return value_of(self.folder / "backend.tf", argument)


def _managed(state: Mapping[str, Any]) -> set[str]:
    """Address and id of everything that a state manages.

    Its lineage does not tell: moving a state begins a new one.
    """
    managed = set()
    for resource in state.get("resources", ()):
        if resource["mode"] == "managed":
            address = f"{resource.get('module', '')}.{resource['type']}.{resource['name']}"
            ids = [instance.get("attributes", {}).get("id") for instance in resource["instances"]]
            managed |= {f"{address} {identity}" for identity in ids}
    return managed


def _read(state: Path) -> dict[str, Any]:
    """A state on this machine; empty when there is none."""
    try:
        content: dict[str, Any] = json.loads(state.read_text() or "{}")
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        raise CommandError(
            f"{state} is no state ({error}): put the right one there, or see docs/how-to/deploy.md"
        ) from error
    return content


@contextmanager
def _terraform(endpoint: str | None) -> Iterator[_Terraform]:
    if not endpoint:
        yield _Terraform(None, {})
        return
    from tools.offline_provider import serve

    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    extra = {name: os.environ[name] for name in names if name in os.environ}
    with serve(endpoint) as reattach:
        yield _Terraform(reattach, extra | terraform.services_at(endpoint))


def _names(root: Path) -> list[str]:
    return sorted(path.parent.name for path in (root / "environments").glob("*/account"))

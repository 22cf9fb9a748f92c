"""What plays somebody else's actions and the commands of a fresh machine: each by its name, and no other.

They keep to what the real ones promise: artifacts have one name once, credentials need the job's permission and expire with nothing, a
build needs its builder. What they are asked is noted, for whoever wants to look.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from examples.actions import images
from examples.actions.steps import ActionFailed, Machine, StandIn

Inputs = Mapping[str, str]

PYTHON = """#!/bin/sh
# Stands in for the machine's Python: plays `-m pip install`, and is this one for everything else.
[ "$1 $2 $3" = "-m pip install" ] || exec "{python}" "$@"
source=; constraint=
while [ $# -gt 0 ]; do case "$1" in --constraint) constraint=$2; shift ;; *) source=$1 ;; esac; shift; done
grep -q '^name = "oaktree-cfn"$' "$source/pyproject.toml" || {{ echo "pip: no project in $source" >&2; exit 1; }}
grep -q '==' "$constraint" || {{ echo "pip: nothing is pinned by $constraint" >&2; exit 1; }}
grep -q '\\[' "$constraint" && {{ echo "pip: Constraints cannot have extras" >&2; exit 1; }}
cat > {folder}/oaktree <<END
#!/bin/sh
PYTHONPATH=$source exec {python} -c "from oaktree_cfn.cli.main import main; main()" "\\$@"
END
chmod +x {folder}/oaktree
"""


@dataclass
class World:
    """What is around the machines: the code, the artifacts of runs, the cloud, and what scanners find.

    ``roles`` are those that may be assumed; ``seen`` holds what was asked.
    """

    code: Path
    shelf: Path
    endpoint: str
    account: str
    roles: frozenset[str] = frozenset()
    seen: list[str] = field(default_factory=list)

    def actions(self) -> Mapping[str, StandIn]:
        """Every action that is played, by its repository."""
        return {
            "actions/checkout": self.checkout,
            "actions/setup-python": self.setup_python,
            "actions/upload-artifact": self.upload,
            "actions/download-artifact": self.download,
            "anchore/scan-action": self.scan,
            "aws-actions/configure-aws-credentials": self.credentials,
            "docker/build-push-action": self.build,
            "docker/setup-buildx-action": self.buildx,
        }

    def checkout(self, machine: Machine, given: Inputs) -> None:
        """The code at the commit of the event, with as much history as is asked for, and no token left in it."""
        if given.get("persist-credentials") != "false":
            raise ActionFailed("the token would stay in .git/config: persist-credentials")
        git = ("git", "-C", str(machine.workspace))
        depth, commit = given.get("fetch-depth", "1"), machine.contexts["github"]["sha"]
        for command in (
            ("init", "--quiet"),
            ("fetch", "--quiet", f"--depth={depth}", f"file://{self.code}", commit),
            ("checkout", "--quiet", "FETCH_HEAD"),
        ):
            done = subprocess.run([*git, *command], text=True, capture_output=True, check=False)
            if done.returncode != 0:
                raise ActionFailed(done.stderr)

    def setup_python(self, machine: Machine, given: Inputs) -> Mapping[str, str]:
        """A Python first on the path."""
        folder = machine.folder / "python"
        folder.mkdir(exist_ok=True)
        command = folder / "python"
        command.write_text(PYTHON.format(python=sys.executable, folder=folder), encoding="utf-8")
        command.chmod(0o755)
        machine.variables["PATH"] = f"{folder}:{machine.variables['PATH']}"
        return {"python-version": given["python-version"]}

    def upload(self, machine: Machine, given: Inputs) -> None:
        """Keep files of a run under a name, relative to the deepest folder that holds all of them."""
        paths = [machine.workspace / line.strip() for line in given["path"].splitlines() if line.strip()]
        there = [path for path in paths if path.is_file()]
        if not there and given.get("if-no-files-found") == "error":
            raise ActionFailed(f"No files were found with the provided path: {given['path']}")
        if not there:
            return
        shelf = self._shelf(machine.contexts["github"]["run_id"], given["name"])
        if shelf.exists() and given.get("overwrite") == "true":
            shutil.rmtree(shelf)
        if shelf.exists():
            raise ActionFailed("an artifact with this name already exists on the workflow run")
        shelf.mkdir(parents=True)
        for path in there:
            shutil.copy(path, shelf / path.name)

    def download(self, machine: Machine, given: Inputs) -> None:
        """Bring them back. Another run's need its number, a token and `actions: read`."""
        own = machine.contexts["github"]["run_id"]
        run = given.get("run-id", own)
        if run != own and not (given.get("github-token") and machine.permissions.get("actions") in ("read", "write")):
            raise ActionFailed("Resource not accessible by integration")
        shelf = self._shelf(run, given["name"])
        if not shelf.exists():
            raise ActionFailed(f"Unable to download artifact(s): Artifact not found for name: {given['name']}")
        shutil.copytree(shelf, machine.workspace / given["path"], dirs_exist_ok=True)

    def _shelf(self, run: str, name: str) -> Path:
        return self.shelf / run / name

    def credentials(self, machine: Machine, given: Inputs) -> None:
        """Credentials of a role, for a job that may ask GitHub for a token."""
        role = given["role-to-assume"]
        self.seen.append(f"sign in as {role.rpartition('/')[2]}")
        if machine.permissions.get("id-token") != "write":
            raise ActionFailed(
                "Credentials could not be loaded, please check your action inputs: Could not load credentials from any providers"
            )
        if role not in self.roles:
            raise ActionFailed(
                "Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity"
            )
        if given["allowed-account-ids"] != self.account:
            raise ActionFailed(f"The account ID of the provided credentials ({self.account}) does not match")
        machine.variables |= {
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_SESSION_TOKEN": role,
            "AWS_REGION": given["aws-region"],
            "AWS_DEFAULT_REGION": given["aws-region"],
            "AWS_ENDPOINT_URL": self.endpoint,
        }

    def buildx(self, machine: Machine, given: Inputs) -> None:
        """A builder."""
        (machine.folder / "builder").touch()

    def build(self, machine: Machine, given: Inputs) -> None:
        """An image of what is in the context, without any credentials around."""
        context = machine.workspace / given["context"]
        dockerfile = machine.workspace / given["file"] if given.get("file") else context / "Dockerfile"
        if "AWS_ACCESS_KEY_ID" in machine.variables:
            raise ActionFailed("a Dockerfile would run beside credentials")
        if not (machine.folder / "builder").exists() or not dockerfile.is_file():
            raise ActionFailed("ERROR: failed to read dockerfile: open Dockerfile: no such file or directory")
        kind, _, target = given["outputs"].partition(",dest=")
        if kind != "type=oci":
            raise ActionFailed(f"no image is written for {kind}")
        self.seen.append(f"build for {given['platforms']}")
        contents = [each.read_text(encoding="utf-8") for each in sorted(context.rglob("*")) if each.is_file()]
        images.archive(Path(target), given["platforms"], *contents)

    def scan(self, machine: Machine, given: Inputs) -> None:
        """What is known of the image's parts: nothing bad."""
        kind, _, path = given["image"].partition(":")
        if kind != "oci-archive" or not Path(path).is_file():
            raise ActionFailed(f"errors occurred attempting to resolve '{given['image']}'")
        self.seen.append(f"scan for {given['severity-cutoff']}")

"""Publish: the catalog's stack brought up to date, and one more version where the product's template is a new one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from oaktree_cfn.aws.service_catalog import Version
from oaktree_cfn.blueprints import TEMPLATES
from oaktree_cfn.catalog.publishing import new_version, published
from oaktree_cfn.cli import opening
from oaktree_cfn.cli.cataloguing import CATALOG, PRODUCT, Offer, offer, stack_name
from oaktree_cfn.cli.deploying import taken_back
from oaktree_cfn.cli.following import carry_out
from oaktree_cfn.cli.judging import consent, open_gates, show_review
from oaktree_cfn.cli.linting import check_lint
from oaktree_cfn.cli.opening import open_change_set
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session, connect
from oaktree_cfn.deploy import parameters, plan
from oaktree_cfn.deploy.bundle import Bundle, package
from oaktree_cfn.deploy.decide import Discard, decide
from oaktree_cfn.deploy.prepare import UPDATE, kind
from oaktree_cfn.environment import load
from oaktree_cfn.errors import InvalidInput

CHANGELOG = Path("CHANGELOG.md")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    name: str
    environments: Path
    templates: Path | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    allow: tuple[str, ...] = ()
    yes: bool = False
    linting: bool = True
    preflight: bool = True
    deprecate: bool = False
    share: str | None = None


def publish(request: Request) -> None:
    """Publish the product's template as it is. What is provisioned already is left alone."""
    screen, folder = Screen(), request.templates or TEMPLATES
    environment = load(request.name, request.environments)
    if request.linting:
        check_lint(screen, folder, [environment.region])
    session = connect(environment)
    product = _bundle(folder / PRODUCT, session)
    _upload(session, product)
    first = new_version((), product.root.url, _changelog())
    exists = kind(session.target.cloudformation.stack(stack_name(environment))) == UPDATE
    _bring_up(screen, session, request, _packed(session, request, folder, first, exists))
    found = offer(request.name, request.environments)
    _add(screen, found, product.root.url, request.deprecate, begun=not exists)
    _share(screen, found, request.share)


def _bundle(path: Path, session: Session) -> Bundle:
    if not path.is_file():
        raise InvalidInput(f"There is no {path}.", "Render it: `oaktree build`.")
    bundle = package(path, plan.location(session.target.account, session.target.aws.region))
    if len(bundle.templates) > 1:
        raise InvalidInput(f"{path} nests other templates: a launch role cannot read those.", "Make it one template.")
    return bundle


def _upload(session: Session, bundle: Bundle) -> None:
    """Store the template under the hash of its content, which no later version can overwrite."""
    bucket = session.target.bucket
    state = bucket.state(bundle.keys)
    if not state.complete:
        bucket.make()
    if bundle.root.key not in state.keys:
        bucket.put(bundle.root.key, bundle.root.body)


def _changelog() -> str:
    return CHANGELOG.read_text(encoding="utf-8") if CHANGELOG.is_file() else ""


# The catalog's stack


def _bring_up(screen: Screen, session: Session, request: Request, packed: opening.Packed) -> None:
    """Deploy the catalog's template as any other: a change set, its review, a yes, and its execution."""
    its = Session(packed.environment, session.target)
    asked = opening.Request(
        request.name,
        request.environments,
        packed.templates,
        request.parameters,
        request.allow,
        request.yes,
        linting=False,
        preflight=request.preflight,
    )
    opened = open_change_set(screen, its, packed, asked)
    if opened is None:
        return
    with taken_back(its, opened.planned):
        reviewed = show_review(screen, asked, its, packed, opened)
        reviewed = open_gates(screen, asked, its, reviewed)
        decision = decide(reviewed.change_set.id, reviewed.verdict, consent(screen, asked, its, reviewed))
        if isinstance(decision, Discard):
            raise decision.error
    carry_out(screen, its, opened.planned)


def _packed(session: Session, request: Request, folder: Path, first: Version, exists: bool) -> opening.Packed:
    """The catalog's template and values. Its first version is said once: later publishes keep it."""
    environment = session.environment
    own = replace(environment, prefix=stack_name(environment), parameters={}, kept_parameters=(), accepted={})
    bundle = _bundle(folder / CATALOG, session)
    declared = bundle.root.document.get("Parameters") or {}
    said = {"VersionName": first.name, "VersionDescription": first.description, "TemplateUrl": first.url}
    implied = {"Prefix": environment.prefix} | ({} if exists else said)
    kept = tuple(name for name in declared if name != "Prefix")
    given = parameters.Given("the catalog", {}, request.parameters, implied, kept)
    parameters.check(declared, given)
    return opening.Packed(own, bundle, declared, given, folder)


# Versions


def _add(screen: Screen, found: Offer, url: str, deprecate: bool, *, begun: bool) -> None:
    versions = found.versions()
    there = published(versions, url)
    if there is not None and begun:
        screen.show(f"Published {there.name} of {found.product}.")
    elif there is None:
        new = new_version(versions, url, _changelog())
        added = found.catalog.add_version(found.product, new)
        screen.show(f"Published {added.name} of {found.product}.")
        there, versions = added, (*versions, added)
    else:
        screen.show(f"{there.name} of {found.product} is this template already: no new version.")
    if deprecate:
        _deprecate(screen, found, [each for each in versions if each.id != there.id])


def _deprecate(screen: Screen, found: Offer, others: list[Version]) -> None:
    """Advise against the version before; it can still be provisioned, and what is provisioned from it runs on."""
    for each in [each for each in others if each.guidance != "DEPRECATED"][-1:]:
        found.catalog.deprecate(found.product, each.id)
        screen.show(f"{each.name} is DEPRECATED now.")


def _share(screen: Screen, found: Offer, node: str | None) -> None:
    if node is not None and node not in found.catalog.shares(found.portfolio):
        found.catalog.share(found.portfolio, node)
        screen.show(f"{found.portfolio} is shared with {node}.")

"""The pictures of ``docs/service-catalog.md``: the form's groups of parameters, and a rehearsal. Part of ``make pictures``."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oaktree_cfn.aws.service_catalog import Provisioned
from oaktree_cfn.catalog.rehearsal import Deployed, Report, Target, rehearse
from oaktree_cfn.review.forecast import Version
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.template.read import load
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.terminal import review_html

PRODUCT = Path(__file__).resolve().parents[1] / "templates" / "product.yaml"
INTERFACE = "AWS::CloudFormation::Interface"
VALUES = {
    "Platform": "oaktree-prod",
    "Repository": "oaktree-prod",
    "ImageTag": "1a2b3c4",
    "Cpu": "512",
    "Memory": "1024",
}
EXPORTS = {
    "oaktree-prod-ApplicationUrl": "https://oaktree.example.com",
    "oaktree-prod-ListenerArn": "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/oaktree-prod-alb/1/2",
}
STYLE = (
    "body{font:15px DejaVu Sans,sans-serif;margin:24px;background:#f4f6f8;color:#16191f}"
    "section{background:#fff;border:1px solid #d5dbdb;border-radius:6px;margin:0 0 14px;padding:12px 18px}"
    "h2{font-size:16px;margin:0 0 8px}div{display:grid;grid-template-columns:190px 150px 1fr;gap:6px 14px;padding:3px 0}"
    "small{color:#545b64}code{background:#eef1f3;padding:1px 6px;border-radius:3px}"
)


def form() -> str:
    """The console's form as the template's groups, labels and defaults make it."""
    template = load(PRODUCT)
    interface = template["Metadata"][INTERFACE]
    groups = "".join(_group(template, interface, group) for group in interface["ParameterGroups"])
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{groups}"


def _group(template: Mapping[str, Any], interface: Mapping[str, Any], group: Mapping[str, Any]) -> str:
    rows = "".join(
        _row(template["Parameters"][name], interface["ParameterLabels"][name]) for name in group["Parameters"]
    )
    return f"<section><h2>{html.escape(group['Label']['default'])}</h2>{rows}</section>"


def _row(declared: Mapping[str, Any], label: Mapping[str, str]) -> str:
    value = str(declared["Default"]) if "Default" in declared else "to be filled in"
    cells = (
        label["default"],
        f"<code>{html.escape(value)}</code>",
        f"<small>{html.escape(declared['Description'])}</small>",
    )
    return f"<div><span>{html.escape(cells[0])}</span><span>{cells[1]}</span>{cells[2]}</div>"


def rehearsal() -> str:
    """One product that is taken along without harm, and one whose version would replace its table."""
    old = load(PRODUCT)
    new = json.loads(json.dumps(old).replace('"AttributeName": "id"', '"AttributeName": "email"'))
    target = Target("2.0.0", new)
    named = {"orders": {"Path": "/orders/*", "Priority": "10"}, "search": {"Path": "/search/*", "Priority": "11"}}
    deployed = [_deployed(name, new if name == "search" else old, values) for name, values in named.items()]
    report = Report(target, tuple(rehearse(each, target, Policy()) for each in deployed))
    made = report.review()
    return review_html.render(made, judge(made))


def _deployed(name: str, template: Mapping[str, Any], values: Mapping[str, str]) -> Deployed:
    product = Provisioned(f"pp-{name}", name, "AVAILABLE")
    defaults = {key: str(each["Default"]) for key, each in template["Parameters"].items() if "Default" in each}
    version = Version(Tree(name, template), {**defaults, **VALUES, **values})
    return Deployed(product, version, Place(f"SC-123456789012-pp-{name}", "ap-southeast-1", exports=EXPORTS))


def pages() -> Iterator[tuple[str, str, int, int]]:
    """Name, page, width and height of each picture."""
    yield "catalog-form", form(), 1040, 820
    yield "catalog-rehearsal", rehearsal(), 960, 1180

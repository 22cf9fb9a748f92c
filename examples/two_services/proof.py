"""Each service gets its own requests and no others, in the order of the priorities."""

from __future__ import annotations

from examples.account import Account, Answer, Change, Facts

CHANGE = Change("The API answers on a second path", "blueprints/root.py", '("/api/*",)', '("/api/*", "/v2/*")')

DEPLOYED = {
    "API": ("10", {"path-pattern": ["/api/*"]}),
    "shop": ("20", {"host-header": ["shop.example.com"]}),
    "each to its own target group": True,
    "running": (1, 1),
    "exports": {"two-services-ApplicationUrl", "two-services-ApiServiceName", "two-services-ShopServiceName"},
}

CHANGED = {"API": ("10", {"path-pattern": ["/api/*", "/v2/*"]})}


def facts(account: Account) -> Facts:
    """What the listener and the services say."""
    api, shop = account.rule("Api/ListenerRule"), account.rule("Shop/ListenerRule")
    exports = account.client("cloudformation").list_exports()["Exports"]
    return {
        "API": _asked(api),
        "shop": _asked(shop),
        "each to its own target group": [_target(api), _target(shop)]
        == [account.id("Api/TargetGroup"), account.id("Shop/TargetGroup")],
        "running": tuple(account.service(name)["runningCount"] for name in ("api", "shop")),
        "exports": {export["Name"] for export in exports},
    }


def _asked(rule: Answer) -> tuple[str, dict[str, list[str]]]:
    values = {each["Field"]: each.get("PathPatternConfig") or each["HostHeaderConfig"] for each in rule["Conditions"]}
    return rule["Priority"], {field: config["Values"] for field, config in values.items()}


def _target(rule: Answer) -> str:
    return str(rule["Actions"][0]["TargetGroupArn"])

"""A bucket's lifecycle rules, between CloudFormation's flat words and S3's nested ones."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.resources.shapes import given, known

Values = dict[str, Any]

PROPERTIES = (
    "AbortIncompleteMultipartUpload",
    "ExpirationInDays",
    "ExpiredObjectDeleteMarker",
    "Id",
    "NoncurrentVersionExpiration.NoncurrentDays",
    "NoncurrentVersionTransitions.StorageClass",
    "NoncurrentVersionTransitions.TransitionInDays",
    "Prefix",
    "Status",
    "TagFilters",
    "Transitions.StorageClass",
    "Transitions.TransitionInDays",
)


def there(configuration: Values) -> Values:
    """CloudFormation's configuration as S3's."""
    return {"Rules": [_rule_there(rule) for rule in configuration["Rules"]]}


def back(found: Values) -> Values:
    """S3's configuration as CloudFormation's."""
    return {"Rules": [_rule_back(rule) for rule in found["Rules"]]}


def _rule_there(rule: Values) -> Values:
    expiration = {"Days": rule.get("ExpirationInDays"), **given(rule, "ExpiredObjectDeleteMarker")}
    return known(
        {
            "ID": rule.get("Id"),
            "Filter": _filter(rule),
            "Expiration": known(expiration),
            **given(rule, "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration", "Status"),
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": item["TransitionInDays"], "StorageClass": item["StorageClass"]}
                for item in rule.get("NoncurrentVersionTransitions") or ()
            ],
            "Transitions": [
                {"Days": item["TransitionInDays"], "StorageClass": item["StorageClass"]}
                for item in rule.get("Transitions") or ()
            ],
        }
    )


def _filter(rule: Values) -> Values:
    """S3 takes one condition, or several under ``And``; none means every object."""
    prefix, tags = rule.get("Prefix"), list(rule.get("TagFilters") or ())
    if tags and (prefix or len(tags) > 1):
        return {"And": known({"Prefix": prefix, "Tags": tags})}
    return {"Tag": tags[0]} if tags else {"Prefix": prefix or ""}


def _rule_back(rule: Values) -> Values:
    chosen = rule.get("Filter", {})
    both, expiration = chosen.get("And", {}), rule.get("Expiration", {})
    tags = both.get("Tags") or ([chosen["Tag"]] if chosen.get("Tag") else [])
    return known(
        {
            "Id": rule.get("ID"),
            "Prefix": both.get("Prefix") or chosen.get("Prefix") or rule.get("Prefix") or None,
            "TagFilters": tags,
            "ExpirationInDays": expiration.get("Days"),
            "ExpiredObjectDeleteMarker": expiration.get("ExpiredObjectDeleteMarker"),
            **given(rule, "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration", "Status"),
            "NoncurrentVersionTransitions": [
                {"TransitionInDays": item["NoncurrentDays"], "StorageClass": item["StorageClass"]}
                for item in rule.get("NoncurrentVersionTransitions", [])
            ],
            "Transitions": [
                {"TransitionInDays": item["Days"], "StorageClass": item["StorageClass"]}
                for item in rule.get("Transitions", [])
            ],
        }
    )

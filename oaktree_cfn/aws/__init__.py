"""The only door to boto3: every question to AWS goes through here and comes back as our own models.

``Aws`` is one account in one region (or the local stage), with one small class per service behind it. The rules of the
room: every list is read to its last page, every botocore error becomes one of ours in ``failures``, retries are set
explicitly (botocore's default changed between minor versions), and a request that changes something carries a token, so
that a reply lost on the way is recognised as our own operation instead of being reported as somebody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oaktree_cfn.aws.account import Aws, Identity

__all__ = ["Aws", "Identity"]


def __getattr__(name: str) -> Any:
    """``Aws`` and ``Identity`` when they are asked for: reading a saved answer must not cost the import of boto3."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from oaktree_cfn.aws import account

    return getattr(account, name)

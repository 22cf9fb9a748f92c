"""The map of exports."""

from oaktree_cfn.terminal.outcome import exports


def test_each_export_shows_who_imports_it_and_whether_it_is_frozen() -> None:
    rows = [("oaktree-dev-VpcId", "vpc-1", ("billing", "search")), ("oaktree-dev-TableArn", "arn", ())]
    assert exports(rows, {"oaktree-dev-TableArn"}).splitlines() == [
        "oaktree-dev-VpcId  vpc-1",
        "  imported by billing",
        "  imported by search",
        "oaktree-dev-TableArn  arn  (frozen)",
    ]


def test_nothing_exported_is_said() -> None:
    assert exports([]) == "Nothing is exported."

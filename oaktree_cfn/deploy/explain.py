"""What a review needs besides the change set: the deployed templates, the forecast, exports and who imports them.

All of it is read, nothing is changed, and nothing here may stop a review: what cannot be learned is said in a remark, and
then nothing is called noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from oaktree_cfn.aws.cloudformation import CloudFormation
from oaktree_cfn.aws.connection import together
from oaktree_cfn.deploy.versions import Deployed, expanded, of_stack
from oaktree_cfn.errors import OaktreeError
from oaktree_cfn.models import Stack
from oaktree_cfn.review import exports
from oaktree_cfn.review.exports import ExportChange
from oaktree_cfn.review.forecast import Foretold, Version, forecast
from oaktree_cfn.review.hidden import hidden
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.redact import Redactor
from oaktree_cfn.review.review import Review
from oaktree_cfn.review.standins import spoken
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree


@dataclass(frozen=True)
class Knowledge:
    """What was learned about an update. ``foretold`` is None when it could not be foretold; ``remarks`` say why.

    ``secrets`` are values that must not be shown: those the deployed templates know, and what the caller adds.
    """

    foretold: Foretold | None = None
    wanted: Version | None = None
    exports: tuple[ExportChange, ...] = ()
    importers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outputs: tuple[ExportChange, ...] = ()
    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()


def learn(
    cloudformation: CloudFormation,
    stack: Stack,
    wanted: Version,
    place: Place,
    visible: Mapping[str, Tree] | None = None,
) -> Knowledge:
    """Read what is deployed and foretell the update. ``stack`` exists and holds resources.

    ``visible`` are other templates at hand by name: they may read outputs in a way that CloudFormation does not track.
    """
    try:
        deployed = of_stack(cloudformation, stack)
    except OaktreeError as error:
        return Knowledge(remarks=(_unforetold(error),))
    return compare(cloudformation, stack, deployed, wanted, place, visible)


def _unforetold(error: OaktreeError) -> str:
    return f"The change could not be foretold from the templates: {error.message}"


def compare(
    cloudformation: CloudFormation,
    stack: Stack,
    deployed: Deployed,
    wanted: Version,
    place: Place,
    visible: Mapping[str, Tree] | None = None,
) -> Knowledge:
    """The same where the deployed templates are at hand."""
    secrets: frozenset[str] = frozenset()
    try:
        secrets = hidden(deployed.version, place)
        others = cloudformation.exports() if _imports(wanted) else {}
        place = replace(place, physical_ids=deployed.physical_ids, exports=others)
        foretold = forecast(deployed.version, expanded(wanted), place)
    except OaktreeError as error:
        return Knowledge(remarks=(_unforetold(error),), secrets=secrets)
    today = {output.export_name: output.value for output in stack.outputs if output.export_name}
    changes = exports.export_changes(foretold.exports_before, foretold.exports, today)
    asked = together(*[partial(cloudformation.importers, change.name) for change in changes])
    importers = dict(zip((change.name for change in changes), asked, strict=True))
    told = {output.key: output.value for output in stack.outputs}
    outputs = exports.export_changes(foretold.outputs_before, foretold.outputs, told)
    weak = exports.readers(visible or {}, stack.name)
    return Knowledge(foretold, wanted, changes, importers, outputs, weak, secrets=secrets)


def _imports(version: Version) -> bool:
    return any("Fn::ImportValue" in str(tree.template) for _, tree in version.tree.walk())


def explain(review: Review, knowledge: Knowledge) -> Review:
    """The review with what was learned, without secrets: labels, exports, disagreements, remarks."""
    hide = Redactor.of((), knowledge.secrets).text
    weak = exports.weak_consequences(knowledge.outputs, knowledge.readers)
    found = (*exports.consequences(knowledge.exports, knowledge.importers), *weak)
    shown = tuple(each.told(lambda text: spoken(hide(text))) for each in found)
    remarks = tuple(map(hide, knowledge.remarks))
    whole = replace(review, consequences=(*review.consequences, *shown), remarks=(*review.remarks, *remarks))
    if knowledge.foretold is None or knowledge.wanted is None:
        return label(whole)
    return label(whole, knowledge.foretold.change_set, knowledge.wanted.tree)

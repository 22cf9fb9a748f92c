"""SAM's own transform, by the translator that AWS runs (``aws-sam-translator``), without any call to AWS."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from typing import Any

from oaktree_cfn.local.services import Services

NAME = "AWS::Serverless-2016-10-31"
"""How templates name it."""


class NotServerless(Exception):
    """A template that SAM refuses; the text is SAM's."""


def translate(services: Services, template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The template with its serverless resources replaced. Raises NotServerless.

    Names of AWS's managed policies are looked up in the translator's own list, then among those that moto has.
    """
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
    from samtranslator.translator.translator import Translator
    from samtranslator.utils.py27hash_fix import to_py27_compatible_template, undo_mark_unicode_str_in_template

    fragment, parameters = copy.deepcopy(dict(template)), copy.deepcopy(dict(values))
    to_py27_compatible_template(fragment, parameters)  # logical ids of deployments are hashes as Python 2 made them
    translator = Translator(None, Parser(), boto_session=services.session)
    policies = partial(ManagedPolicyLoader.load, ManagedPolicyLoader(services.client("iam")))
    try:
        translated = translator.translate(fragment, parameters, get_managed_policy_map=policies)
    except InvalidDocumentException as error:
        causes = " ".join(cause.message for cause in error.causes)
        raise NotServerless(f"{error.message} {causes}".strip()) from error
    finally:
        translator.metrics.publish()  # to nobody; it complains of metrics that were not
    plain: dict[str, Any] = undo_mark_unicode_str_in_template(translated)
    return plain

"""botocore's errors in our words: one place that decides what an answer of AWS means to the person at the keyboard."""

from __future__ import annotations

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from oaktree_cfn.errors import AwsError, InvalidInput, OaktreeError

FAILURES = (BotoCoreError, ClientError, ResponseParserError)
"""All that a call of botocore raises; the last, outside its own tree, for a reply that was cut short."""

NO_ANSWER = "NoAnswer"
"""The code of an AwsError when no reply arrived: whether the request was carried out is not known."""

NOBODY = "NobodyListens"
"""The code of an AwsError when the local stage has ended: it keeps nothing, so asking again cannot help."""

THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "SlowDown",
    }
)

_SIGN_IN = "Sign in again (`aws sso login`, or fresh keys in the environment), then repeat the command."

_NO_NETWORK = "Check the network and the region, then repeat the command."
_NO_STAGE = (
    "The local stage has ended (its log is .oaktree/stage.log); `make deploy ENV=local` starts a new, empty one."
)

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_NOT_ACCEPTED = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId",
        "AuthFailure",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})
_ABSENT = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ProfileNotFound,
    boto.NoAuthTokenError,
    boto.TokenRetrievalError,
    boto.SSOError,
)


def translate(
    operation: str, error: BotoCoreError | ClientError | ResponseParserError, local: bool = False
) -> OaktreeError:
    """The error of ours that says the same; ``local`` means that the local stage was asked.

    Raise it ``from`` the original, which stays its ``__cause__``.
    """
    if isinstance(error, ClientError):
        return _answered(operation, error)
    if isinstance(error, _ABSENT):
        return InvalidInput(
            f"No usable AWS credentials: {error}", f"{_SIGN_IN} `aws sts get-caller-identity` shows who you are."
        )
    if isinstance(error, boto.ParamValidationError):
        return InvalidInput(f"{operation}: {error}", "Nothing was sent; correct the value that is named.")
    code = NOBODY if local and isinstance(error, boto.EndpointConnectionError) else NO_ANSWER
    return AwsError(operation, code, str(error), advice=_NO_STAGE if local else _NO_NETWORK)


def _answered(operation: str, error: ClientError) -> OaktreeError:
    answer = error.response.get("Error", {})
    code, detail = str(answer.get("Code", "Unknown")), str(answer.get("Message", ""))
    if code in _EXPIRED:
        return InvalidInput("The AWS credentials have expired.", _SIGN_IN)
    if code in _NOT_ACCEPTED:
        return InvalidInput(f"AWS does not accept these credentials ({code}).", _SIGN_IN)
    request = str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
    return AwsError(operation, code, detail, request, _advice(code))


def _advice(code: str) -> str:
    if code in _DENIED:
        return "These credentials lack a permission for this call: ask for it, or use a role that has it."
    if code in THROTTLED:
        return "AWS is limiting the rate of calls: wait a minute, then repeat the command."
    return ""


def ended(error: OaktreeError) -> bool:
    """Whether the local stage has ended, and with it all that ran on it."""
    return isinstance(error, AwsError) and error.code == NOBODY


def unsettled(error: OaktreeError) -> bool:
    """Whether asking again may well succeed: throttled, no answer, or a fault on AWS's side."""
    if not isinstance(error, AwsError):
        return False
    return error.code in THROTTLED or error.code in {
        NO_ANSWER,
        "InternalFailure",
        "InternalError",
        "ServiceUnavailable",
        "500",
        "503",
    }

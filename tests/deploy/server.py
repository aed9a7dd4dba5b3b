"""moto's server with its IAM enforcement, which asks for what AWS would: run as `python -m tests.deploy.server`.

The first line of its output is its port. Signatures, credentials of assumed roles and policies are moto's business;
what is asked of IAM for a request is that of `authorizations.py`. `GET /authorizations` returns what was asked since
the last time, and whether it was allowed.
"""

from __future__ import annotations

import fnmatch
import json
import logging
import re
from collections.abc import Iterable
from typing import Any

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.utils import get_service_model
from moto.iam.access_control import IAMPolicyStatement
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.deploy.authorizations import Request, UnknownRequestError, questions

_asked: list[dict[str, Any]] = []
_S3_LIST = {"ListBucket": "ListObjectsV2", "ListObjects": "ListObjectsV2"}


def _authorize(response: Any, request_class: type, resource: str = "*") -> None:
    """Stand in for moto's `_authenticate_and_authorize_action`, which knows neither actions nor resources of most."""
    if ActionAuthenticatorMixin.request_count >= settings.INITIAL_NO_AUTH_ACTION_COUNT:
        _enforce(response, request_class, resource)
    else:
        ActionAuthenticatorMixin.request_count += 1


def _enforce(response: Any, request_class: type, resource: str) -> None:
    query = response.parsed_url.query
    operation = response._get_action()
    request: Any = request_class(
        account_id=response.current_account,
        method=response.method,
        path=response.raw_path + (f"?{query}" if query else ""),
        data=response.data,
        body=response.raw_body,
        headers=response.headers,
        action=operation,
    )
    request.check_signature()
    service = response.boto3_service_name
    try:
        if service == "s3":
            operation, given = _s3_operation(response), _of_s3(response, resource)
        else:
            given = _parsed(response, operation)
        needed = questions(Request(service, operation, given, lambda kind, name: _found(response, kind, name)))
    except UnknownRequestError as error:
        _asked.append({"request": f"{service}.{operation}", "unknown": str(error)})
        raise
    for action, arn in needed:
        entry = {"request": f"{service}.{operation}", "action": action, "resource": arn, "allowed": False}
        _asked.append(entry)
        request._action = action
        request.check_action_permitted(arn)
        entry["allowed"] = True


def _parsed(response: Any, operation: str) -> dict[str, Any]:
    """Return the parameters of a request, by botocore's model and moto's parser."""
    model = get_service_model(response.boto3_service_name)
    sent = response.normalized_request
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, sent.content_type)](model.operation_model(operation))
    return dict(
        parser.parse(
            {
                "method": sent.method,
                "values": sent.values,
                "headers": sent.headers,
                "body": sent.data,
                "url_path": sent.path,
                "url_params": response.uri_match,
            }
        )
    )


def _of_s3(response: Any, resource: str) -> dict[str, Any]:
    bucket, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
    headers = response.headers
    body = response.raw_body or b""
    return {
        "Bucket": bucket,
        "Key": key,
        "Keys": re.findall(r"<Key>([^<]*)</Key>", body.decode("utf-8", "replace")),
        "CopySource": headers.get("x-amz-copy-source", ""),
        "Tagging": headers.get("x-amz-tagging"),
        "ACL": headers.get("x-amz-acl"),
    }


def _s3_operation(response: Any) -> str:
    operation = response.data["Action"]
    operation = operation[0] if isinstance(operation, list) else operation
    if operation == "PutObject" and response.headers.get("x-amz-copy-source"):
        return "CopyObject"
    return str(_S3_LIST.get(operation, operation))


def _found(response: Any, kind: str, name: Any) -> str:
    """Return the ARN of a key or a secret, which the request names by something else."""
    account, region = response.current_account, response.region
    if kind == "secret":
        from moto.secretsmanager.models import secretsmanager_backends

        return str(secretsmanager_backends[account][region].secrets[name].arn)
    from moto.kms.models import kms_backends

    backend = kms_backends[account][region]
    # moto begins what it encrypts with the id of the key.
    key = name[:36].decode() if isinstance(name, bytes) else backend.any_id_to_key_id(name)
    return str(backend.keys[key].arn)


def _matches(pattern: str, text: str) -> re.Match[str] | None:
    """Match as IAM does; moto takes `?` and `.` for parts of a regular expression."""
    return re.match(fnmatch.translate(pattern.replace("[", "[[]")), text)


def _application(moto: Any) -> Any:
    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/authorizations":
            answered: Iterable[bytes] = moto(environ, start_response)
            return answered
        start_response("200 OK", [("Content-Type", "application/json")])
        asked, _asked[:] = list(_asked), []
        return [json.dumps(asked).encode()]

    return answer


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        pass


def main() -> None:
    """Serve until the process ends."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    ActionAuthenticatorMixin._authenticate_and_authorize_action = _authorize  # type: ignore[method-assign]
    IAMPolicyStatement._match = staticmethod(_matches)  # type: ignore[assignment,method-assign]
    server = make_server(
        "127.0.0.1",
        0,
        _application(DomainDispatcherApplication(create_backend_app)),
        threaded=True,
        request_handler=_Quiet,
    )
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

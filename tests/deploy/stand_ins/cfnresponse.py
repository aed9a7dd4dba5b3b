"""Stands in for the module that Lambda has for code in templates: nobody waits for the answer in tests."""

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, status, data, physical_id=None, no_echo=False, reason=None):
    if status == FAILED:
        raise RuntimeError(reason or FAILED)

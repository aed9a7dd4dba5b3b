"""The methods that boto3 adds by hand to S3: which operations they perform and with which of their arguments.

Source: boto3/s3/inject.py (signatures), s3transfer/{manager,upload,download,copies}.py (requests and extra arguments).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TransferOperation:
    """One operation that a transfer method performs.

    `parameters` pairs a parameter of the operation with the argument its value comes from; a dotted argument
    (`CopySource.Bucket`) is an item of a mapping. `extras` pairs a parameter with the key of `ExtraArgs` it is taken
    from where the caller gives that key. `client` names the argument holding the client that is used in place of the
    one the method is called on, where the caller gives it.
    """

    operation: str
    parameters: tuple[tuple[str, str], ...]
    extras: tuple[tuple[str, str], ...] = ()
    client: str | None = None


@dataclass(frozen=True, slots=True)
class TransferMethod:
    """A method added by hand: `parameters` are its argument names in positional order, `self` left out.

    `identifiers` pairs an argument with the identifier of the resource that boto3 fills it with, for methods of
    `Bucket` and `Object`; such an argument is not in `parameters`.
    """

    parameters: tuple[str, ...]
    operations: tuple[TransferOperation, ...]
    identifiers: tuple[tuple[str, str], ...] = ()


def transfer_methods(service: str, type_name: str | None = None) -> dict[str, TransferMethod]:
    """Return the transfer methods by name, of the client `service` or of its resource type `type_name`."""
    raise NotImplementedError

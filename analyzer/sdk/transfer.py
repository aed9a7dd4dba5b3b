"""The methods that boto3 adds by hand to S3: which operations they perform and with which of their arguments.

Source: boto3/s3/inject.py (signatures), s3transfer/{manager,upload,download,copies}.py (requests). The operations of a
multipart upload or copy need the same IAM actions as PutObject and CopyObject, which stand for them here.
"""

from __future__ import annotations

from dataclasses import dataclass

_Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TransferOperation:
    """One operation that a transfer method performs.

    `parameters` pairs a parameter of the operation with the argument its value comes from; a dotted argument
    (`CopySource.Bucket`) is an item of a mapping. `optional` does the same for what is passed on only where the
    caller gives that item. `when`, an argument and values, says that the operation is performed only where the caller
    gives the argument one of these values. `client` names the argument holding the client that is used in place of
    the one the method is called on, where the caller gives it.
    """

    operation: str
    parameters: _Pairs
    optional: _Pairs = ()
    when: tuple[str, tuple[str, ...]] | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class TransferMethod:
    """A method added by hand: `parameters` are its argument names in positional order, `self` left out.

    `identifiers` pairs an argument of `operations` with the identifier of the resource that boto3 fills it with; such
    an argument is not in `parameters`. It is empty for the methods of a client.
    """

    parameters: tuple[str, ...]
    operations: tuple[TransferOperation, ...]
    identifiers: _Pairs = ()


def transfer_methods(service: str, type_name: str | None = None) -> dict[str, TransferMethod]:
    """Return the transfer methods by name, of the client `service` or of its resource type `type_name`."""
    return _METHODS.get((service, type_name), {})


def _same(names: str) -> _Pairs:
    return tuple((name, name) for name in names.split())


def _extra(names: str) -> _Pairs:
    return tuple((name, f"ExtraArgs.{name}") for name in names.split())


def _bind(methods: dict[str, TransferMethod], identifiers: _Pairs) -> dict[str, TransferMethod]:
    # The resources' methods call the client's and take the other arguments in the same order.
    filled = {argument for argument, _ in identifiers}
    return {
        name: TransferMethod(
            tuple(parameter for parameter in method.parameters if parameter not in filled),
            method.operations,
            identifiers,
        )
        for name, method in methods.items()
    }


_OBJECT = _same("Bucket Key")
_SOURCE = (("Bucket", "CopySource.Bucket"), ("Key", "CopySource.Key"))
_SOURCE_VERSION = (("VersionId", "CopySource.VersionId"),)
_REQUEST = "RequestPayer ExpectedBucketOwner"

# TransferManager._ALLOWED_SHARED_ARGS
_WRITE = (
    "ACL CacheControl ChecksumAlgorithm ContentDisposition ContentEncoding ContentLanguage ContentType "
    "ExpectedBucketOwner Expires GrantFullControl GrantRead GrantReadACP GrantWriteACP Metadata "
    "ObjectLockLegalHoldStatus ObjectLockMode ObjectLockRetainUntilDate RequestPayer ServerSideEncryption StorageClass "
    "SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 SSEKMSKeyId SSEKMSEncryptionContext Tagging "
    "WebsiteRedirectLocation"
)
# s3transfer.constants.FULL_OBJECT_CHECKSUM_ARGS; TransferManager.ALLOWED_UPLOAD_ARGS less
# UploadSubmissionTask.PUT_OBJECT_BLOCKLIST
_CHECKSUMS = (
    "ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumMD5 ChecksumSHA1 ChecksumSHA256 ChecksumSHA512 "
    "ChecksumXXHASH3 ChecksumXXHASH64 ChecksumXXHASH128"
)
# TransferManager.ALLOWED_DOWNLOAD_ARGS
_READ = f"ChecksumMode VersionId SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 {_REQUEST}"
# TransferManager.ALLOWED_COPY_ARGS
_COPY = (
    f"{_WRITE} CopySourceIfMatch CopySourceIfModifiedSince CopySourceIfNoneMatch CopySourceIfUnmodifiedSince "
    "CopySourceSSECustomerAlgorithm CopySourceSSECustomerKey CopySourceSSECustomerKeyMD5 MetadataDirective "
    "TaggingDirective AnnotationDirective"
)
# CopySubmissionTask.EXTRA_ARGS_TO_HEAD_ARGS_MAPPING
_HEAD_SOURCE = (
    *(
        (name, f"ExtraArgs.CopySource{name}")
        for name in (
            "IfMatch",
            "IfModifiedSince",
            "IfNoneMatch",
            "IfUnmodifiedSince",
            "SSECustomerKey",
            "SSECustomerAlgorithm",
            "SSECustomerKeyMD5",
        )
    ),
    *_extra(_REQUEST),
)

_UPLOAD = (TransferOperation("PutObject", _OBJECT, _extra(f"{_WRITE} {_CHECKSUMS}")),)
_DOWNLOAD = (
    TransferOperation("HeadObject", _OBJECT, _extra(_READ)),
    TransferOperation("GetObject", _OBJECT, _extra(_READ)),
)


def _copy_source(operation: str, when: tuple[str, tuple[str, ...]] | None, optional: _Pairs) -> TransferOperation:
    return TransferOperation(operation, _SOURCE, (*_SOURCE_VERSION, *optional), when, client="SourceClient")


# Above the multipart threshold, s3transfer copies tags and annotations itself, where asked to
# (CopyCompleteMultipartUploadTask).
_TAGS_COPIED = ("ExtraArgs.TaggingDirective", ("COPY",))
_TAGS_WRITTEN = ("ExtraArgs.TaggingDirective", ("COPY", "REPLACE"))
_ANNOTATIONS_COPIED = ("ExtraArgs.AnnotationDirective", ("COPY",))
_COPY_OPERATIONS = (
    _copy_source("HeadObject", None, _HEAD_SOURCE),
    TransferOperation("CopyObject", _same("CopySource Bucket Key"), _extra(_COPY)),
    _copy_source("GetObjectTagging", _TAGS_COPIED, _extra(_REQUEST)),
    TransferOperation("PutObjectTagging", _OBJECT, _extra(f"{_REQUEST} ChecksumAlgorithm"), _TAGS_WRITTEN),
    _copy_source("ListObjectAnnotations", _ANNOTATIONS_COPIED, _extra(_REQUEST)),
    _copy_source("GetObjectAnnotation", _ANNOTATIONS_COPIED, _extra(_REQUEST)),
    TransferOperation("PutObjectAnnotation", _OBJECT, _extra(f"{_REQUEST} ChecksumAlgorithm"), _ANNOTATIONS_COPIED),
)

_CLIENT = {
    "upload_file": TransferMethod(("Filename", "Bucket", "Key", "ExtraArgs", "Callback", "Config"), _UPLOAD),
    "upload_fileobj": TransferMethod(("Fileobj", "Bucket", "Key", "ExtraArgs", "Callback", "Config"), _UPLOAD),
    "download_file": TransferMethod(("Bucket", "Key", "Filename", "ExtraArgs", "Callback", "Config"), _DOWNLOAD),
    "download_fileobj": TransferMethod(("Bucket", "Key", "Fileobj", "ExtraArgs", "Callback", "Config"), _DOWNLOAD),
    "copy": TransferMethod(
        ("CopySource", "Bucket", "Key", "ExtraArgs", "Callback", "SourceClient", "Config"), _COPY_OPERATIONS
    ),
}
_METHODS: dict[tuple[str, str | None], dict[str, TransferMethod]] = {
    ("s3", None): _CLIENT,
    ("s3", "Bucket"): _bind(_CLIENT, (("Bucket", "name"),)),
    ("s3", "Object"): _bind(_CLIENT, (("Bucket", "bucket_name"), ("Key", "key"))),
}

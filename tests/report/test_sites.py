from __future__ import annotations

from analyzer.model.calls import ApiCall, Via
from analyzer.model.location import Location
from analyzer.model.requirements import BASE_RULE, AnyResource, Arns, Reason, Requirement
from analyzer.model.values import Mapping
from analyzer.report.notes import pin_notes
from analyzer.report.sites import CallSite, call_sites

PLACE = Location("app.py", 3, 5, 3, 40)
LATER = Location("app.py", 9, 5, 9, 40)


def call(location: Location = PLACE, via: Via = Via.DIRECT, possible: bool = False, chain: str = "") -> ApiCall:
    return ApiCall("s3", "GetObject", Mapping(()), via, location, tuple(chain.split()), possible)


def need(action: str, *patterns: str, unpinned: tuple[str, ...] = ()) -> Requirement:
    scope = Arns(patterns, unpinned) if patterns else AnyResource("it takes no resource")
    return Requirement(action, scope, (), (Reason(call(), BASE_RULE),))


def test_calls_at_one_place_are_one_site() -> None:
    assert call_sites(
        [
            (call(possible=True, chain="handler load read"), (need("s3:GetObject", "arn:aws:s3:::b/*"),)),
            (
                call(chain="main read"),
                (
                    need("s3:GetObject", "arn:aws:s3:::a/*"),
                    need("s3:GetObject", "arn:aws:s3:::b/*"),
                    need("kms:Decrypt"),
                ),
            ),
        ]
    ) == (
        CallSite(
            PLACE,
            "s3",
            "GetObject",
            Via.DIRECT,
            True,
            (("kms:Decrypt", ("*",)), ("s3:GetObject", ("arn:aws:s3:::a/*", "arn:aws:s3:::b/*"))),
            ("main", "read"),
        ),
    )


def test_a_site_is_certain_only_if_some_call_is() -> None:
    (site,) = call_sites([(call(possible=True), ()), (call(possible=True, chain="handler"), ())])
    assert not site.certain


def test_ways_of_calling_and_places_stay_apart() -> None:
    sites = call_sites([(call(LATER), ()), (call(via=Via.PRESIGNED), ()), (call(), ())])
    assert [(site.location, site.via) for site in sites] == [
        (PLACE, Via.DIRECT),
        (PLACE, Via.PRESIGNED),
        (LATER, Via.DIRECT),
    ]


def test_notes_group_by_what_is_open() -> None:
    table = "arn:aws:dynamodb:*:*:table/*"
    requirements = [
        need(f"dynamodb:{name}", table, unpinned=("--account", "event day"))
        for name in ("PutItem", "GetItem", "Scan", "Query", "PutItem")
    ]
    where = "in the resources of dynamodb:GetItem, dynamodb:PutItem, dynamodb:Query and 1 more"
    assert pin_notes([*requirements, need("s3:ListAllMyBuckets")]) == (
        f"note: --account would replace * {where}",
        f"note: * stands for event day {where}",
    )

# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bodies of objects under recreation, kept on the target: whatever ends a run, none is lost with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._cluster.client import Client
from .._errors import AlreadyExists, ClusterError, Forbidden, NotFound
from .._state.body import SELECTOR, KeptBody, body_of, kept_body, secret_of
from .._values import BackupItem, Body, ObjectKey, ObjectResult, Outcome, Resource
from .work import Work

SECRETS = Resource("", "v1", "secrets", "Secret", True)


def kept_bodies(client: Client, namespace: str) -> dict[ObjectKey, KeptBody]:
    """What earlier runs have left; nothing where the Secrets may not be read, which a run that keeps one must."""
    try:
        found = [kept_body(secret) for page in client.pages(SECRETS, namespace, SELECTOR) for secret in page]
    except (Forbidden, NotFound):
        return {}
    return {kept.key: kept for kept in found if kept is not None}


def keep(work: Work, item: BackupItem, live: Body) -> KeptBody:
    """Stores the live body; a ClusterError or StateError when that cannot be, and then nothing is to be deleted."""
    resource = work.resource(item)
    api_version = f"{resource.group}/{resource.version}" if resource.group else resource.version
    secret = secret_of(item, live, api_version, dict(work.labels), work.state_namespace)
    try:
        stored = work.store(SECRETS, work.state_namespace, secret)
    except AlreadyExists as error:
        stored = work.client.get(SECRETS, work.state_namespace, secret["metadata"]["name"])
        if not error.repeated or stored.get("data") != secret["data"]:
            raise
    kept = kept_body(stored)
    if kept is None:
        name = f"{work.state_namespace}/{secret['metadata']['name']}"
        raise ClusterError(f"Secret {name} did not come out as it was sent")
    return kept


def forget(work: Work, kept: KeptBody) -> str:
    """Removes a body that is needed no more; why that failed, or nothing. The next run tries again."""
    try:
        work.client.delete(SECRETS, work.state_namespace, kept.secret, kept.secret_uid)
    except NotFound:
        return ""
    except ClusterError as error:
        return f"Secret {work.state_namespace}/{kept.secret} with its old body could not be removed: {error}"
    return ""


def stored_body(work: Work, kept: KeptBody) -> Body:
    """The object as it may be created again."""
    return body_of(work.client.get(SECRETS, work.state_namespace, kept.secret))


def forget_untouched(work: Work) -> None:
    """Drops bodies of objects that stand just as they did: the run that kept them ended before the deletion."""
    if not work.kept or work.dry_run:
        return
    types = {(served.group, served.kind): served for served in work.discovery.served()}
    for key, kept in list(work.kept.items()):
        if _stands(work, types.get(key[:2]), kept) and not forget(work, kept):
            del work.kept[key]


def _stands(work: Work, resource: Resource | None, kept: KeptBody) -> bool:
    if resource is None:
        return False
    try:
        metadata = work.client.get(resource, kept.key.namespace, kept.key.name)["metadata"]
    except ClusterError:
        return False
    return metadata.get("uid") == kept.uid and not metadata.get("deletionTimestamp")


def forget_restored(work: Work, results: Iterable[ObjectResult]) -> Iterator[str]:
    """Drops bodies of objects that now are what the backup says; a sentence for each that stays."""
    fine = {result.key for result in results if result.outcome in _STANDS and not result.different}
    for key, kept in work.kept.items():
        where = f"Secret {work.state_namespace}/{kept.secret}"
        if key in fine and not work.dry_run:
            problem = forget(work, kept)
            yield problem or f"{key}: an earlier run was stopped while it recreated it; it stands again"
        else:
            yield (
                f"{key}: an earlier run did not come to the end of recreating it; its body as it was is kept in"
                f" {where}. Create it from there, or delete that Secret: until then the object is not recreated again"
            )


_STANDS = frozenset((Outcome.CREATED, Outcome.UPDATED, Outcome.RELABELLED, Outcome.UNCHANGED, Outcome.RECREATED))

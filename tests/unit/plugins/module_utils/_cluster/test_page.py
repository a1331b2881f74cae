# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages as API servers write them: their objects apart from what is of the list alone, and never a guess."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.page import Page
from ansible_collections.standby.velero.plugins.module_utils._errors import MalformedAnswer

WEB = {"metadata": {"name": "web", "namespace": "shop", "uid": "u1", "resourceVersion": "7"}}
ODD = {**WEB, "spec": {"note": '"items":[', "items": [{"kind": "A"}], "kind": "x", "parts": [["a"], {"kind": "b"}]}}


def built_in(*items: Any, version: str = "10", rest: str = "") -> bytes:
    """The order of Go's structs, and a line end."""
    metadata = {"resourceVersion": version, **({"continue": rest} if rest else {})}
    body = {"kind": "SecretList", "apiVersion": "v1", "metadata": metadata, "items": list(items)}
    return json.dumps(body, separators=(",", ":")).encode() + b"\n"


def custom(*items: Any, version: str = "10", rest: str = "") -> bytes:
    """The order of the alphabet."""
    metadata = {"continue": rest, "resourceVersion": version}
    body = {"apiVersion": "example.org/v1", "items": list(items), "kind": "WidgetList", "metadata": metadata}
    return json.dumps(body, separators=(",", ":")).encode()


@pytest.mark.parametrize("written", [built_in, custom])
@pytest.mark.parametrize("items", [(), (WEB,), (ODD,), (ODD, WEB), (WEB, ODD)])
def test_the_content_is_that_of_the_objects_alone(written: Any, items: tuple[Any, ...]) -> None:
    page, later = (Page(written(*items, version=version, rest="r"), "/x") for version in ("10", "11"))
    assert bytes(page.content) == bytes(later.content) == json.dumps(list(items), separators=(",", ":"))[1:-1].encode()
    assert (page.rest, page.items) == ("r", list(items))


@pytest.mark.parametrize("written", [built_in, custom])
def test_the_last_page_has_no_rest(written: Any) -> None:
    assert Page(written(WEB), "/x").rest == ""


@pytest.mark.parametrize(
    "data",
    [
        b'{"items": [], "metadata": {"continue": "r"}}',
        b'{"items":null,"metadata":{"continue":"r"}}',
        b'{"items":[{"metadata":{"name":"a","uid":"u","resourceVersion":"1"}}],"metadata":{"continue":"r"},"more":[]}',
    ],
)
def test_a_page_of_another_look_has_no_content_and_is_read_all_the_same(data: bytes) -> None:
    page = Page(data, "/x")
    assert (bytes(page.content), page.rest) == (b"", "r")
    assert len(page.items) == len(json.loads(data)["items"] or ())


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"7", b'{"items":[', b'{"items":[]]}', b'{"items":[7],"metadata":{}}']
)
def test_what_is_no_list_is_an_error_and_never_an_empty_page(data: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        Page(data, "/x").items  # noqa: B018 - it is the reading that fails

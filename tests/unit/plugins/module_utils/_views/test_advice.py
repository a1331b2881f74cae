# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For every reason that makes a job red there is something to do."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._views.advice import ADVICE, advice_for
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import NOT_IN_SYNC, Outcome, Reason

_LEFT_OUT = {
    Reason.PROTECTED,
    Reason.EXCLUDED_FROM_BACKUP,
    Reason.CONTROLLER_GENERATED,
    Reason.HAS_CONTROLLER,
    Reason.MIRROR_POD,
    Reason.SERVICE_ACCOUNT_TOKEN,
    Reason.DYNAMICALLY_PROVISIONED,
    Reason.DUPLICATE,
    Reason.NO_EFFECT,
    Reason.EQUAL_AFTER_ADMISSION,
    Reason.WITHHELD,
    Reason.SOURCE_MISSING,
    Reason.ACTIVE,
    Reason.BARE_POD,
    Reason.KEPT_AS_COPY,
    Reason.LEFT_STANDING,
    Reason.DELETED_BEFORE,
}
"""With these all is as it was asked for."""


@pytest.mark.parametrize("reason", sorted(set(Reason) - _LEFT_OUT))
def test_a_reason_that_somebody_has_to_look_at_has_advice(reason: Reason) -> None:
    assert advice_for(reason.value)


def test_no_advice_is_given_where_all_is_well() -> None:
    assert not ADVICE.keys() & _LEFT_OUT
    assert ADVICE.keys() >= NOT_IN_SYNC
    assert [advice_for(code) for code in ("", "<script>", Reason.NO_EFFECT.value, Outcome.FAILED.value)] == [None] * 4

# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of this collection; galaxy.yml has the same, and no module can read that where it runs."""

VERSION = "0.1.0"

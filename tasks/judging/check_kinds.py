"""Every kind of check that a task may ask for, by name.

A new one is a function and an entry in one of the three lists; nothing else knows the names.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tasks.judging.check_kind import CheckKind, CheckResult, Hours, spoken
from tasks.judging.place_checks import PLACE_CHECKS
from tasks.judging.proof_checks import PROOF_CHECKS
from tasks.judging.time_checks import TIME_CHECKS

__all__ = ["CHECKS", "CheckKind", "CheckResult", "Hours", "spoken"]

CHECKS: Mapping[str, CheckKind] = MappingProxyType(
    {kind.name: kind for kind in (*PLACE_CHECKS, *TIME_CHECKS, *PROOF_CHECKS)}
)

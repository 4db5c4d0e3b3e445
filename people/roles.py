"""The roles a person can hold at a unit, and how far one reaches."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may be at a unit; a role reaches down the unit's whole subtree."""

    RESIDENT = "resident"
    CAPTAIN = "captain"
    GRID_MEMBER = "grid_member"
    POLICE_OFFICER = "police_officer"
    AUXILIARY = "auxiliary"
    CENTRE_OFFICER = "centre_officer"
    DEPARTMENT_HANDLER = "department_handler"
    CLERK = "clerk"
    RATE_ADMIN = "rate_admin"
    AUDITOR = "auditor"
    OMBUDSMAN = "ombudsman"
    ADMIN = "admin"

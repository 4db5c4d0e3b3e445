"""PLACEHOLDER of the lead until the devices owner lands it: overwrite."""


def waits_for_phone(participation):
    return None

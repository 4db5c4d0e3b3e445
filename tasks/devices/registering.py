"""How a person's phone apps get credentials of their own, and lose them again."""

import hashlib
import hmac
import secrets
from typing import NamedTuple

from pymongo.errors import DuplicateKeyError

from people import Actor
from shared.clock import real_now
from shared.database import collection
from shared.errors import Conflict, NotFound, NotSignedIn, Refused
from shared.i18n import Text
from shared.ids import random_id
from tasks.devices.device import MAX_DEVICES, Device, PhoneApp
from tasks.devices.quarantined_fix import QuarantinedFix

SECRET_BYTES = 24  # 192 bits: nobody guesses it, so a plain hash keeps it


class DeviceNotFound(NotFound):
    """Raised when the caller has no such device."""

    message = Text("You have no such device.", "您没有该设备。")


class DeviceNameTaken(Conflict):
    """Raised when the caller's devices hold this name already."""

    message = Text(
        "You already have a device called {name}; ask for a new secret of it, or revoke it.",
        "您已有名为 {name} 的设备，可重新获取其密钥或将其撤销。",
    )


class TooManyDevices(Refused):
    """Raised when the caller has as many devices as anybody may."""

    message = Text(
        "You have {most} devices; please revoke one first.", "您已有 {most} 台设备，请先撤销一台。"
    )


class UnknownDevice(NotSignedIn):
    """Raised when a phone app's id and secret are missing, wrong or revoked."""

    message = Text(
        "This device is not known, or its secret is wrong; please set it up anew.",
        "设备未登记或密钥错误，请重新设置。",
    )


class Credentials(NamedTuple):
    """A device and its secret, which is told this once."""

    device: Device
    secret: str


def register_device(name: str, app: PhoneApp, datum: str, *, by: Actor) -> Credentials:
    """A new phone app of the caller's, and its secret.

    `datum` is what its degrees are in: GPS apps say wgs84. Raises DeviceNameTaken, TooManyDevices.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    for place in range(MAX_DEVICES):
        device = Device(
            id=random_id(),
            person_id=by.person_id,
            name=name,
            app=app.value,
            datum=datum,
            secret_hash=_hash(secret),
            place=place,
            created_at=real_now(),
        )
        try:
            collection(Device).insert_one(device.to_mongo().to_dict())
        except DuplicateKeyError:
            # The place or the name: two unique keys, and only one of them leaves another try.
            if Device.objects(person_id=by.person_id, name=name).first():
                raise DeviceNameTaken(name=name) from None
        else:
            return Credentials(device, secret)
    raise TooManyDevices(most=MAX_DEVICES)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def devices_of(person_id: str) -> list[Device]:
    """The person's devices, oldest first."""
    return list(Device.objects(person_id=person_id).order_by("created_at"))


def device_of(device_id: str, *, by: Actor) -> Device:
    """One of the caller's devices. Raises DeviceNotFound."""
    found: Device | None = Device.objects(id=device_id, person_id=by.person_id).first()
    if found is None:
        raise DeviceNotFound
    return found


def renew_secret(device_id: str, *, by: Actor) -> Credentials:
    """A new secret of the caller's device; the old one ends at once. Raises DeviceNotFound."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    renewed: Device | None = Device.objects(id=device_id, person_id=by.person_id).modify(
        new=True, set__secret_hash=_hash(secret)
    )
    if renewed is None:
        raise DeviceNotFound
    return Credentials(renewed, secret)


def revoke_device(device_id: str, *, by: Actor) -> None:
    """End the caller's device at once; what it sent in time still counts. Raises DeviceNotFound."""
    if not Device.objects(id=device_id, person_id=by.person_id).delete():
        raise DeviceNotFound
    QuarantinedFix.objects(device_id=device_id).delete()


def device_with(device_id: str, secret: str) -> Device:
    """The device that shows this id and secret. Raises UnknownDevice."""
    found: Device | None = Device.objects.with_id(device_id)
    known_hash = found.secret_hash if found else _hash("")
    is_right = hmac.compare_digest(known_hash, _hash(secret))
    if found is None or not is_right:
        raise UnknownDevice
    return found

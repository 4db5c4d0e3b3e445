"""Putting providers: an admin of the whole city says who delivers, where to ask and who is paid."""

from datetime import timedelta
from typing import Any

from mongoengine.errors import NotUniqueError, ValidationError

from catalog.offering import OFFICERS, redemption_point_of
from catalog.providers.delivering import ProviderNotFound
from catalog.providers.provider import OldSecret, Provider
from notices import check_url
from people import Actor, Role, must_hold_at_root, unit_of
from settings import settings
from shared.clock import real_now
from shared.errors import Conflict, Invalid
from shared.i18n import Text
from shared.sealing import seal, unseal

# The other side changes over within this; its call-backs are taken with the old secret until then.
OLD_SECRET_LASTS = timedelta(days=7)
# Of a secret that leaked there may be several in a week; those before the last two are forgotten.
MOST_OLD_SECRETS = 2


class ProviderInvalid(Invalid):
    """Raised when one of a provider's terms cannot be used; `field` names it."""

    message = Text("This value cannot be used here.", "该内容不可用。")


class SecretNeeded(Invalid):
    """Raised when a new provider comes without the secret that both sides sign with."""

    message = Text("A new provider needs its secret.", "新供应商须提供签名密钥。")


class ProviderChanged(Conflict):
    """Raised when somebody changed the provider meanwhile; `version` is the one to read first."""

    message = Text("This provider was changed meanwhile.", "该供应商信息已被他人修改。")


class ProviderPointFixed(Conflict):
    """Raised when a provider would be paid at another point: its stocks and debts lie here."""

    message = Text(
        "A provider keeps its redemption point; add another provider instead.",
        "供应商的结算兑换点不可更改，请另建供应商。",
    )


def put_provider(
    provider_id: str,
    *,
    name: dict[str, str],
    point_id: str,
    base_url: str,
    timeout_s: int,
    active: bool,
    version: int,
    by: Actor,
    secret: str | None = None,
) -> Provider:
    """Add a provider (`version` 0) or change it; another `secret` than before rotates it.

    The same again changes nothing. Raises NotAllowed, BadWebhookUrl, UnitNotFound,
    NotARedemptionPoint, SecretNeeded, ProviderInvalid, ProviderChanged, ProviderPointFixed.
    """
    must_hold_at_root(Role.ADMIN, by=by)
    check_url(base_url, production=settings().production, demo=settings().demo)
    if "?" in base_url:
        raise ProviderInvalid("base_url")
    redemption_point_of(point_id)
    wanted = {
        "name": name,
        "point_id": point_id,
        "base_url": base_url,
        "timeout_s": timeout_s,
        "active": active,
    }
    known = Provider.objects.with_id(provider_id)
    if known is None:
        return _added(provider_id, wanted, secret, version, by)
    if _is_same(known, wanted, secret):
        return known
    if known.version != version:
        raise ProviderChanged(version=known.version)
    if known.point_id != point_id:
        raise ProviderPointFixed
    return _changed(known, wanted, secret, by)


def _is_same(known: Provider, wanted: dict[str, Any], secret: str | None) -> bool:
    same = all(getattr(known, field) == value for field, value in wanted.items())
    return same and secret in (None, secrets_of(known)[0])


def _added(
    provider_id: str, wanted: dict[str, Any], secret: str | None, version: int, by: Actor
) -> Provider:
    if version != 0:
        raise ProviderNotFound
    if secret is None:
        raise SecretNeeded("secret")
    made = Provider(id=provider_id, version=1, put_by=by.person_id, put_at=real_now(), **wanted)
    made.secret_sealed = seal(secret, bound_to=made.seal_place)
    made.made_at = made.put_at
    try:
        return made.save(force_insert=True)
    except ValidationError as error:
        raise ProviderInvalid(next(iter(error.to_dict()))) from error
    except NotUniqueError:  # the same wish, or another's, was first
        known = Provider.objects.get(id=provider_id)
        if not _is_same(known, wanted, secret):
            raise ProviderChanged(version=known.version) from None
        return known


def _changed(known: Provider, wanted: dict[str, Any], secret: str | None, by: Actor) -> Provider:
    moment = real_now()
    change = {f"set__{field}": value for field, value in wanted.items()}
    if secret is not None and secret != secrets_of(known)[0]:
        old = OldSecret(sealed=known.secret_sealed, taken_until=moment + OLD_SECRET_LASTS)
        kept = [old, *known.old_secrets][:MOST_OLD_SECRETS]
        change |= {
            "set__secret_sealed": seal(secret, bound_to=known.seal_place),
            "set__old_secrets": kept,
        }
    changed = Provider.objects(id=known.id, version=known.version).modify(
        **change, set__put_by=by.person_id, set__put_at=moment, inc__version=1, new=True
    )
    if changed is None:
        raise ProviderChanged(version=Provider.objects.get(id=known.id).version)
    return changed


def provider_of(provider_id: str) -> Provider:
    """The provider. Raises ProviderNotFound."""
    found: Provider | None = Provider.objects.with_id(provider_id)
    if found is None:
        raise ProviderNotFound
    return found


def seen_provider(provider_id: str, *, by: Actor) -> Provider:
    """The provider, for officers of its point. Raises ProviderNotFound, NotAllowed."""
    found = provider_of(provider_id)
    by.must_hold(*OFFICERS, at=unit_of(found.point_id))
    return found


def providers_in_reach(*, by: Actor) -> list[Provider]:
    """The providers that are paid at points in the caller's reach, by id."""
    found = Provider.objects.order_by("id")
    return [one for one in found if by.holds(*OFFICERS, at=unit_of(one.point_id))]


def secrets_of(provider: Provider) -> list[str]:
    """The secrets whose signatures are taken now, the present one first."""
    sealed = provider.sealed_at(real_now())
    return [unseal(one, bound_to=provider.seal_place) for one in sealed]

"""The 360 view: one Query, the rest is arithmetic."""

from collections.abc import Iterable
from datetime import datetime

from customer360.catalog import definitions
from customer360.customers import schemas
from customer360.customers.assigned import customer_tag, segments_of
from customer360.customers.measured import metrics_of
from customer360.customers.profile import primary_position, profile_of
from customer360.customers.record import Address, Customer
from customer360.customers.scored import churn_of, health_of
from customer360.loyalty.membership import tier_in
from customer360.scores.current import scores_of
from customer360.storage.heads import Heads, heads_of


def view(customer_id: str, permissions: Iterable[str], now: datetime) -> schemas.CustomerView:
    """Everything the page opens with. Raises NotFound."""
    heads = heads_of(customer_id)
    return schemas.CustomerView(
        **dict(overview(heads, now)),
        tags=_tags(heads),
        permissions=sorted(permissions),
        version=heads.commit.version,
        updated_at=heads.commit.updated_at,
    )


def overview(heads: Heads, now: datetime) -> schemas.Overview:
    """Without tags; `heads` are all head items."""
    profile, scores = profile_of(heads), scores_of(heads, now)
    return schemas.Overview(
        profile=_profile(heads, profile),
        metrics=metrics_of(heads, profile, now),
        health_score=health_of(scores),
        churn_risk=churn_of(heads, scores, now),
        segments=segments_of(heads),
    )


def _profile(heads: Heads, customer: Customer) -> schemas.Profile:
    return schemas.Profile(
        id=heads.customer_id,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        avatar=customer.avatar_url,
        registration_date=customer.registered_at,
        account_status=customer.status,
        loyalty_tier=tier_in(heads),
        opt_ins=schemas.OptIns.model_validate(customer.opt_ins),
        addresses=_addresses(customer.addresses),
        updated_at=heads.updated_at("profile"),
    )


def _addresses(addresses: list[Address]) -> list[schemas.Address]:
    """The primary one first."""
    primary = primary_position(addresses)
    order = sorted(range(len(addresses)), key=lambda position: position != primary)
    return [
        schemas.Address.model_validate(addresses[position]).model_copy(update={"is_primary": position == primary})
        for position in order
    ]


def _tags(heads: Heads) -> list[schemas.CustomerTag]:
    assigned = heads.tags()
    known = definitions.tags(assigned)
    return [customer_tag(item, known[key]) for key, item in assigned.items() if key in known]

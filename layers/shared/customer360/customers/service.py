"""The 360 view: one Query, the rest is arithmetic."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from customer360.catalog import definitions
from customer360.catalog.sources import connected_sources
from customer360.customers import schemas
from customer360.customers.assigned import customer_segment, customer_tag
from customer360.customers.metrics import average_order_value, purchase_frequency
from customer360.customers.profile import profile_of
from customer360.customers.record import Address, Customer
from customer360.instants import whole_days
from customer360.loyalty.membership import tier_in
from customer360.money import rounded
from customer360.scoring.advice import recommendations, retention_strategies
from customer360.scoring.churn import churn_risk
from customer360.scoring.health import health_score
from customer360.scoring.inputs import Inputs
from customer360.scoring.signals import engagement_of, purchases_of, support_load_of
from customer360.settings import settings
from customer360.storage.heads import Heads, heads_of
from customer360.storage.keys import BEHAVIOUR, MARKETING, METRICS, SUPPORT

PROBABILITY_STEP = Decimal("0.0001")


def view(customer_id: str, permissions: Iterable[str], now: datetime) -> schemas.CustomerView:
    """Everything the page opens with. Raises NotFound."""
    heads = heads_of(customer_id)
    profile, as_of = profile_of(heads), _calculated_at(heads, now)
    inputs = _inputs(heads, as_of)
    return schemas.CustomerView(
        profile=_profile(heads, profile),
        metrics=_metrics(heads, profile, now),
        health_score=_health(inputs, as_of),
        churn_risk=_churn(heads, inputs, as_of, now),
        segments=_segments(heads),
        tags=_tags(heads),
        permissions=sorted(permissions),
        version=heads.commit.version,
        updated_at=heads.commit.updated_at,
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
    """The primary one first; should a source flag several, the first of them."""
    primary = next((position for position, address in enumerate(addresses) if address.is_primary), None)
    order = sorted(range(len(addresses)), key=lambda position: position != primary)
    return [
        schemas.Address.model_validate(addresses[position]).model_copy(update={"is_primary": position == primary})
        for position in order
    ]


def _metrics(heads: Heads, customer: Customer, now: datetime) -> schemas.Metrics:
    """Ages are worked out for `now`, so they never go stale."""
    totals, currency = heads.totals(METRICS), settings().shop_currency
    last_purchase_at = heads.moments(METRICS).get("lastPurchaseAt")
    lifetime_value = rounded(totals.get("lifetimeValue", Decimal(0)), currency)
    completed_orders = int(totals.get("completedOrders", 0))
    tenure = whole_days(customer.registered_at, now)
    return schemas.Metrics(
        currency=currency,
        lifetime_value=lifetime_value,
        total_orders=int(totals.get("totalOrders", 0)),
        completed_orders=completed_orders,
        average_order_value=average_order_value(totals, currency),
        total_spent=lifetime_value,
        refunded_amount=rounded(totals.get("refundedAmount", Decimal(0)), currency),
        days_since_last_purchase=whole_days(last_purchase_at, now) if last_purchase_at else None,
        last_purchase_at=last_purchase_at,
        purchase_frequency=purchase_frequency(completed_orders, tenure),
        customer_tenure=tenure,
        updated_at=heads.updated_at("metrics"),
    )


def _inputs(heads: Heads, now: datetime) -> Inputs:
    connected = connected_sources()
    touched = heads.moments(MARKETING) | heads.moments(BEHAVIOUR)
    has_engagement = not connected.isdisjoint({"marketing", "analytics"})
    purchases = purchases_of(heads.totals(METRICS), heads.moments(METRICS))
    return Inputs(
        history=purchases.history(now) if purchases else None,
        engagement=engagement_of(max(touched.values(), default=None), now) if has_engagement else None,
        support_load=support_load_of(heads.totals(SUPPORT)) if "support" in connected else None,
        orders_connected="orders" in connected,
    )


def _calculated_at(heads: Heads, now: datetime) -> datetime:
    """Scores are worked out as of the last commit or the beginning of the day (UTC), whichever is later: so they, and
    with them the page's ETag, change with a commit or with the day, and not with every look."""
    return max(heads.commit.committed_at, now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


def _health(inputs: Inputs, as_of: datetime) -> schemas.HealthScore:
    health = health_score(inputs)
    return schemas.HealthScore(
        score=health.score,
        level=health.level,
        factors=schemas.HealthFactors.model_validate(health.factors),
        contributions=[schemas.HealthContribution.model_validate(part) for part in health.contributions],
        recommendations=recommendations(health),
        calculated_at=as_of,
        model_version=health.model_version,
    )


def _churn(heads: Heads, inputs: Inputs, as_of: datetime, now: datetime) -> schemas.ChurnRisk:
    risk = churn_risk(inputs)
    trend = inputs.engagement.trend if inputs.engagement else 0.0
    last = heads.moments(METRICS).get("lastPurchaseAt")
    return schemas.ChurnRisk(
        level=risk.level,
        score=risk.score,
        probability=Decimal(risk.probability).quantize(PROBABILITY_STEP),
        horizon_days=risk.horizon_days,
        basis=risk.basis,
        factors=schemas.ChurnFactors(
            days_since_last_purchase=whole_days(last, now) if last else None,
            engagement_decline=Decimal(str(round(max(0.0, -trend), 2))),
            support_issues=int(heads.totals(SUPPORT).get("open", 0)),
        ),
        contributions=[schemas.ChurnContribution.model_validate(part) for part in risk.contributions],
        retention_strategies=retention_strategies(risk),
        calculated_at=as_of,
        model_version=risk.model_version,
    )


def _segments(heads: Heads) -> list[schemas.CustomerSegment]:
    assigned = heads.segments()
    known = definitions.segments(assigned)
    return [customer_segment(item, known[key]) for key, item in assigned.items() if key in known]


def _tags(heads: Heads) -> list[schemas.CustomerTag]:
    assigned = heads.tags()
    known = definitions.tags(assigned)
    return [customer_tag(item, known[key]) for key, item in assigned.items() if key in known]

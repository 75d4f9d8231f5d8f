"""What the catalog keeps of the churn model: every version of its parameters, and what the latest refit came to."""

from datetime import date
from typing import Self

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.update import Action

from customer360.catalog.table import SHOP, CatalogItem
from customer360.storage.base import DayAttribute, WholeNumberAttribute, unless_condition_fails

MODELS = "MODELS"
MODEL = "MODEL"


class ModelItem(CatalogItem, discriminator="model"):
    """`MODELS`, the version: its parameters (JSON), the day they were fitted to the end of, and to how many customers.
    Never changed and never deleted: scores of any age name the version they come from. Versions sort by day."""

    parameters = UnicodeAttribute()
    fitted_on = DayAttribute(attr_name="fittedOn")
    customers = WholeNumberAttribute()

    def keep(self) -> None:
        """Stores a new version; one that is there stays as it is."""
        with unless_condition_fails():
            self.save(condition=ModelItem.pk.does_not_exist())


class RefitItem(CatalogItem, discriminator="refit"):
    """`SHOP`, `MODEL`: the day of the latest refit, why it was refused if it was, which version is in use, and the
    latest back-test there was enough for (JSON). No `version`: no fit was ever good enough."""

    refit_on = DayAttribute(attr_name="refitOn")
    refusal = UnicodeAttribute(null=True)
    version = UnicodeAttribute(null=True)
    back_test = UnicodeAttribute(null=True, attr_name="backTest")

    @classmethod
    def find(cls) -> Self | None:
        """As it is now; None if there was no refit yet."""
        try:
            return cls.get(SHOP, MODEL, consistent_read=True)
        except cls.DoesNotExist:
            return None

    def gives_way_to(self, day: date) -> bool:
        """Whether a refit of `day` counts more than this: of a later day, or of the same one if this was refused."""
        return self.refit_on < day or (self.refit_on == day and self.refusal is not None)

    @classmethod
    def move_on(cls, day: date, *, version: str | None, refusal: str | None, back_test: str | None) -> bool:
        """Puts down what the refit of `day` came to, and says whether it did: not if what is there does not give way.
        What it says None of stays as it was, but for the refusal."""
        actions: list[Action] = [
            cls.type.set(cls),
            cls.refit_on.set(day),
            cls.refusal.set(refusal) if refusal else cls.refusal.remove(),
        ]
        actions += [cls.version.set(version)] if version else []
        actions += [cls.back_test.set(back_test)] if back_test else []
        gives_way = (cls.refit_on < day) | ((cls.refit_on == day) & cls.refusal.exists())
        with unless_condition_fails() as outcome:
            cls(SHOP, MODEL).update(actions=actions, condition=cls.pk.does_not_exist() | gives_way)
        return outcome.holds

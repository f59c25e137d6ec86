"""What a forecast is asked, what it answers, and how far it is."""

from urllib.parse import urlencode

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, one_of, time
from referencing.base.shapes import computed, possible_actions, shape
from referencing.steering.schemas import FormatArguments
from referencing.steering.simulation import Order

from .models import ForecastState, KeptForecast
from .states import FORECAST


class ForecastArguments(FormatArguments):
    verifiers = fields.Integer(
        load_default=0,
        validate=ma.validate.Range(-100, 100, error="De {min} à {max}."),
        metadata={"description": "so many more, or fewer: 2, -1"},
    )
    order = one_of(Order, load_default=Order.CURRENT)
    seed = fields.Integer(
        load_default=0,
        validate=ma.validate.Range(0, 2**31 - 1, error="De {min} à {max}."),
        metadata={"description": "another one makes other draws; the same one, the same answer"},
    )
    runs = fields.Integer(load_default=200, validate=ma.validate.Range(1, 1_000, error="De {min} à {max}."))


class RunsOut(Schema):
    done = fields.Integer(metadata={"description": "runs made so far"})
    total = fields.Integer()


class ForecastLinksOut(Schema):
    """`answer` is where the answer is, once there is one."""

    self = fields.String()
    answer = fields.String()


def _links(forecast: KeptForecast) -> dict[str, str]:
    address = "/api/v1/steering/forecast"
    question = {
        "verifiers": forecast.more,
        "order": forecast.order.value,
        "seed": forecast.seed,
        "runs": forecast.runs,
    }
    return {"self": f"{address}/{forecast.id}", "answer": f"{address}?{urlencode(question)}"}


class ForecastProgressOut(Schema):
    """A forecast that is made by a job: what it was asked, and how far it is."""

    id = fields.UUID()
    state = one_of(ForecastState)
    more = fields.Integer(metadata={"description": "so many verifiers more, or fewer"})
    order = one_of(Order)
    seed = fields.Integer()
    runs = fields.Integer(metadata={"description": "asked for"})
    asked_at = time()
    ended_at = time(allow_none=True)
    progress = computed(fields.Nested(RunsOut), shape(RunsOut))
    links = computed(fields.Nested(ForecastLinksOut), _links)
    actions = possible_actions(FORECAST, "/steering/forecast/{forecast}", {"cancel": "POST /cancellation"})


class ExpectedOut(Schema):
    median_on = fields.Date(
        allow_none=True, metadata={"description": "half of the runs keep it; null: more than three years"}
    )
    p90_on = fields.Date(allow_none=True, metadata={"description": "nine runs in ten keep it"})


_ASKED = {"description": "with the verifiers or the order asked for; null when nothing else was asked for"}


class BothOut(Schema):
    now = fields.Nested(ExpectedOut)
    asked = fields.Nested(ExpectedOut, allow_none=True, metadata=_ASKED)


class DossierOut(BothOut):
    """A dossier under way."""

    candidature = fields.UUID()
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    tasks = fields.Integer(metadata={"description": "to come, open or not yet"})


class BacklogOut(Schema):
    queue = fields.String()
    now = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        metadata={"description": "tasks that wait, on average, in so many working days"},
    )
    asked = fields.Dict(keys=fields.String(), values=fields.Float(), allow_none=True, metadata=_ASKED)


class ForecastOut(Schema):
    day = fields.Date(metadata={"description": "from which it is counted"})
    seed = fields.Integer()
    runs = fields.Integer(
        metadata={"description": "made; fewer than asked for when there is very much to do"}
    )
    verifiers = fields.Integer(metadata={"description": "who answered something in the last 20 working days"})
    more = fields.Integer()
    order = one_of(Order)
    whole = fields.Nested(BothOut, metadata={"description": "when all that is there now is done"})
    backlog = fields.List(fields.Nested(BacklogOut))
    items = fields.List(
        fields.Nested(DossierOut), metadata={"description": "what is expected first comes first"}
    )
    assumptions = fields.List(fields.String(), metadata={"description": "in French"})
    made_at = time()
    age = fields.Integer(metadata={"description": "seconds since it was made"})
    renewal = fields.Nested(
        ForecastProgressOut,
        allow_none=True,
        metadata={"description": "the forecast that will take its place, being made because it is old"},
    )

"""How an office fares."""

from datetime import timedelta

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from appointments.statistics import Period, by_period, days_to_next_free
from config.api.schema import operation
from config.api.views import ApiView
from offices.api.fields import BACKWARDS, DayField
from offices.models import Office
from offices.permissions import require
from offices.roles import Permission

MOST_DAYS = 1100
MONTH = timedelta(days=30)

STATISTICS = {
    "office": 7,
    "period": "week",
    "periods": [
        {
            "starts_on": "2027-01-11",
            "booked": 212,
            "completed": 180,
            "no_show": 11,
            "cancelled": 21,
            "utilisation": 0.81,
            "lead_time_days": 6.3,
        }
    ],
    "days_to_next_free": [{"service": 3, "days": 2}],
}


class FiguresSerializer(serializers.Serializer):
    starts_on = serializers.DateField(help_text=_("The first day of the period."))
    booked = serializers.IntegerField(
        help_text=_("For these days, whatever has become of them.")
    )
    completed = serializers.IntegerField()
    no_show = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    utilisation = serializers.FloatField(
        allow_null=True, help_text=_("The share of the open time that was taken.")
    )
    lead_time_days = serializers.FloatField(
        allow_null=True, help_text=_("How long before their visit people booked.")
    )


class WaitSerializer(serializers.Serializer):
    service = serializers.IntegerField()
    days = serializers.IntegerField(
        allow_null=True, help_text=_("Null: nothing is free until the horizon.")
    )


class StatisticsSerializer(serializers.Serializer):
    office = serializers.IntegerField()
    period = serializers.ChoiceField(Period.choices)
    periods = FiguresSerializer(many=True)
    days_to_next_free = WaitSerializer(many=True)


class AskStatisticsSerializer(serializers.Serializer):
    period = serializers.ChoiceField(Period.choices, required=False, default=Period.DAY)

    def get_fields(self):
        first = DayField(
            required=False, help_text=_("The first day; else 30 before the last.")
        )
        last = DayField(
            required=False, help_text=_("The last day, included; else today.")
        )
        return {**super().get_fields(), "from": first, "to": last}

    def validate(self, asked):
        last = asked.get("to") or self.context["office"].today()
        first = asked.get("from") or last - MONTH
        if last < first:
            raise serializers.ValidationError({"to": BACKWARDS})
        if (last - first).days >= MOST_DAYS:
            raise serializers.ValidationError(
                {"from": _("Ask for {} days at most.").format(MOST_DAYS)}
            )
        return {"period": asked["period"], "first": first, "last": last}


class Statistics(ApiView):
    serializer_class = StatisticsSerializer

    @operation(
        "Show an office's statistics",
        gives=StatisticsSerializer,
        answer=STATISTICS,
        parameters=[AskStatisticsSerializer],
    )
    def get(self, request, office_id):
        """By day, week (from Monday) or month; and how long people wait now.

        `days_to_next_free` is of this moment: how many days from today until a
        citizen can have each service.
        """
        offices = Office.objects.visible_to(request.user)
        office = get_object_or_404(offices, pk=office_id)
        require(request.user, Permission.VIEW_STATISTICS, office)
        asked = AskStatisticsSerializer(
            data=request.query_params, context={"office": office}
        )
        asked.is_valid(raise_exception=True)
        return Response(self.told(office, **asked.validated_data))

    def told(self, office, *, first, last, period):
        figures = by_period(office, first, last, period=period)
        waits = days_to_next_free(office)
        return {
            "office": office.pk,
            "period": period,
            "periods": [each._asdict() for each in figures],
            "days_to_next_free": [
                {"service": service, "days": days} for service, days in waits.items()
            ],
        }

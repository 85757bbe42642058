"""The public feed of free times, and where the next one is."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from availability import feed, kept_times, places, slots
from availability.exceptions import QuantityRefused
from config.api.formats import MEDIA_TYPE
from config.api.schema import operation
from config.api.views import ApiView
from offices.api.fields import BACKWARDS, DayField, IdField
from offices.models import OfficeService, Service
from offices.translated import text_of

ONE_DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MOST_OFFICES = 100

NEEDED = [
    *("own_duration", "own_max_quantity", "buffer"),
    *("service__duration", "service__max_quantity"),
    *("office__status", "office__time_zone", "office__lead_time"),
    "office__booking_horizon_days",
]

FEED = {
    "office": 7,
    "service": 3,
    "time_zone": "Europe/Berlin",
    "slots": [
        {
            "starts_at": "2027-01-11T09:00:00+01:00",
            "ends_at": "2027-01-11T09:30:00+01:00",
            "free": 2,
            "hosts": [18, 19],
        }
    ],
}
NEXT = {
    "office": 7,
    "name": "Town hall",
    "time_zone": "Europe/Berlin",
    "starts_at": "2027-01-11T09:00:00+01:00",
    "ends_at": "2027-01-11T09:30:00+01:00",
}


class SlotSerializer(serializers.Serializer):
    starts_at = serializers.DateTimeField(help_text=_("With the office's offset."))
    ends_at = serializers.DateTimeField()
    free = serializers.IntegerField(help_text=_("How many can be booked then."))
    hosts = serializers.ListField(
        child=serializers.IntegerField(), help_text=_("The ids of those who are free.")
    )


class FreeTimesSerializer(serializers.Serializer):
    office = serializers.IntegerField()
    service = serializers.IntegerField()
    time_zone = serializers.CharField()
    slots = SlotSerializer(many=True)


class NextSerializer(serializers.Serializer):
    office = serializers.IntegerField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    starts_at = serializers.DateTimeField(help_text=_("With the office's offset."))
    ends_at = serializers.DateTimeField()


class NextQuerySerializer(serializers.Serializer):
    service = IdField(help_text=_("Its id."))
    quantity = serializers.IntegerField(
        required=False, default=1, min_value=1, max_value=100, help_text=_("A visit.")
    )


class SlotsQuerySerializer(NextQuerySerializer):
    host = IdField(required=False, help_text=_("The id of one; else all."))

    def get_fields(self):
        first = DayField(required=False, help_text=_("The first day; else today."))
        last = DayField(
            required=False,
            help_text=_("The last day, included; else a week after the first."),
        )
        return {**super().get_fields(), "from": first, "to": last}

    def validate(self, asked):
        first, last = asked.get("from"), asked.get("to")
        if first and last and last < first:
            raise serializers.ValidationError({"to": BACKWARDS})
        if first and last and (last - first).days >= feed.MOST_DAYS:
            raise serializers.ValidationError(
                {"to": _("Ask for {} days at most.").format(feed.MOST_DAYS)}
            )
        return asked


class Slots(ApiView):
    """Open to all: nobody is asked who he is, so that one answer fits everybody."""

    authentication_classes = []
    permission_classes = [AllowAny]
    cache_control = "public, no-cache"

    @operation(
        "List free times",
        gives=FreeTimesSerializer,
        refuses=[QuantityRefused],
        answer=FEED,
        parameters=[SlotsQuerySerializer],
    )
    def get(self, request, office_id):
        """The free times of a service at an office, that citizens may book now.

        Days are the office's own. Without `host`, of all who can serve the service.
        The answer may be kept for some seconds; ask again with `If-None-Match`.
        """
        asked = query(SlotsQuerySerializer, request)
        about = {"quantity": asked["quantity"], "host": asked.get("host")}
        first, last = span(asked)
        now = timezone.now()

        def reach(office):
            since = first or office.local_day(now)
            bounds = slots.window(office, now)
            return bounds.reach(since, last or since + WEEK, office.time_zone)

        def work_out():
            offered = get_object_or_404(
                OfficeService.objects.listed().with_details().only(*NEEDED),
                office=office_id,
                service=asked["service"],
            )
            return feed.body(offered, reach(offered.office), **about)

        body = kept_times.kept(
            office_id,
            asked["service"],
            (first or now.date() - ONE_DAY, last or now.date() + ONE_DAY + WEEK),
            about=lambda office: (reach(office), about),
            work_out=work_out,
        )
        return HttpResponse(body, content_type=MEDIA_TYPE)


class Next(ApiView):
    authentication_classes = []
    permission_classes = [AllowAny]
    cache_control = "public, no-cache"

    @operation(
        "Find the next free times",
        gives=NextSerializer(many=True),
        answer=NEXT,
        parameters=[NextQuerySerializer],
    )
    def get(self, request):
        """The next free time of a service at each office, the soonest first.

        At most 100; offices with nothing free are left out.
        """
        asked = query(NextQuerySerializer, request)
        service = Service.objects.listed().filter(pk=asked["service"]).first()
        if service is None:
            raise serializers.ValidationError({"service": _("Nobody offers this.")})
        found = places.by_soonest(
            places.places(places.offering(service), quantity=asked["quantity"])
        )
        soonest = [place for place in found if place.next_free][:MOST_OFFICES]
        return Response([next_of(place) for place in soonest])


def query(serializer_class, request):
    asked = serializer_class(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return asked.validated_data


def span(asked):
    """The first and last local date that are asked for; None where neither is named."""
    first = asked.get("from") or asked.get("to")
    return first, asked.get("to") or (first and first + WEEK)


def next_of(place):
    starts_at = place.next_free.astimezone(place.office.zone)
    length = slots.length(place.offered, place.quantity)
    ends_at = (place.next_free + length).astimezone(place.office.zone)
    return {
        "office": place.office.pk,
        "name": text_of(place.office, "name"),
        "time_zone": place.office.time_zone,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
    }

"""Calendar feeds: secret addresses that calendars subscribe to."""

import orjson
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from appointments import feeds
from appointments.models import CalendarFeed
from config.api.schema import operation
from config.api.views import ApiView
from offices.api.fields import IdField, OfficeTimeField
from offices.models import Office

TOKEN = "3b1f0c9a2e6a0f4c578d2f0d7a4f6f1c:Hk3…"  # noqa: S105 (an example)
FEED = {
    "id": 5,
    "office": 7,
    "host": 31,
    "user": 12,
    "url": f"https://appointments.example.org/calendars/{TOKEN}.ics",
    "webcal_url": f"webcal://appointments.example.org/calendars/{TOKEN}.ics",
    "created_at": "2027-01-11T09:00:00+01:00",
}
ADDRESSES = {"url": feeds.url_for, "webcal_url": feeds.webcal_url_for}


class FeedSerializer(serializers.ModelSerializer):
    url = serializers.CharField(
        allow_null=True, help_text=_("Secret; told to its own user alone.")
    )
    webcal_url = serializers.CharField(allow_null=True)
    created_at = OfficeTimeField(help_text=_("With the office's offset."))

    class Meta:
        model = CalendarFeed
        fields = list(FEED)
        read_only_fields = fields

    def to_representation(self, feed):
        own = feed.user_id == self.context["request"].user.pk
        for name, address in ADDRESSES.items():
            setattr(feed, name, address(feed) if own else None)
        return super().to_representation(feed)


class AddFeedSerializer(serializers.Serializer):
    host = IdField(
        required=False, allow_null=True, help_text=_("Left out: the whole office.")
    )


class OfOffice(ApiView):
    serializer_class = FeedSerializer
    cache_control = "no-store"

    def office(self):
        offices = Office.objects.visible_to(self.request.user)
        return get_object_or_404(offices, pk=self.kwargs["office_id"])

    def feeds(self):
        return CalendarFeed.objects.visible_to(self.request.user).filter(
            office=self.office()
        )

    def seal(self, body):
        """The addresses are not kept with the answer, but made again."""
        told = orjson.loads(body)
        return orjson.dumps({k: told[k] for k in told if k not in ADDRESSES}).decode()

    def unseal(self, kept):
        told = orjson.loads(kept)
        for feed in CalendarFeed.objects.filter(pk=told.get("id")):
            told |= {name: address(feed) for name, address in ADDRESSES.items()}
        return orjson.dumps(told).decode()


class CalendarFeeds(OfOffice):
    @operation(
        "List an office's calendar feeds", gives=FeedSerializer(many=True), answer=FEED
    )
    def get(self, request, office_id):
        """One's own; for who manages the members, those of all, without addresses."""
        return Response(self.get_serializer(self.feeds(), many=True).data)

    @operation(
        "Add a calendar feed",
        takes=AddFeedSerializer,
        gives=FeedSerializer,
        status=201,
        example={"host": 31},
        answer=FEED,
    )
    def post(self, request, office_id):
        """Times, services and references, without names, for one's own calendar.

        It ends with the role that lets its user see the office's appointments.
        """
        office, host = self.office(), self.valid(AddFeedSerializer).get("host")
        if host is not None:
            hosts = office.hosts.filter(pk=host)
            if not hosts:
                unknown = _("This host is at another office.")
                raise serializers.ValidationError({"host": unknown})
            host = hosts[0]
        return self.reply(feeds.add(office, host=host, by=request.user), status=201)


class OneCalendarFeed(OfOffice):
    @operation("Revoke a calendar feed", status=204)
    def delete(self, request, office_id, pk):
        """Its address leads nowhere from now on."""
        with self.unchanged(get_object_or_404(self.feeds(), pk=pk)) as feed:
            feeds.revoke(feed, by=request.user)
        return Response(status=204)

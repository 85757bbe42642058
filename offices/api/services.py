"""The catalogue of services, and what an office offers of it."""

import django_filters
from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from config.api.schema import operation
from config.api.views import ApiView, ApiViewSet
from offices.api.fields import MinutesField
from offices.api.texts import InWordsOf, TranslationsField, texts_of
from offices.functions import Fold
from offices.models import Office, OfficeService, Service
from offices.queries import search
from offices.translated import shown

TEXTS = ["name", "description", "what_to_bring", "fee"]
SERVICE = {
    "id": 3,
    "code": "passport",
    "name": "Passport",
    "description": "<p>Apply for a new passport.</p>",
    "what_to_bring": "<ul><li>Your old passport</li></ul>",
    "fee": "<p>70 euros</p>",
    "duration_minutes": 15,
    "max_quantity": 4,
    "online_url": "",
    "is_public": True,
    "language": "en",
    "translations": {"de": {"name": "Reisepass", "fee": "<p>70 Euro</p>"}},
}
IN_LIST = {name: SERVICE[name] for name in SERVICE if name != "translations"}
OFFERED = {
    "service": IN_LIST,
    "duration_minutes": 30,
    "buffer_minutes": 0,
    "max_quantity": 4,
    "is_public": True,
}


class ListedServiceSerializer(InWordsOf):
    duration_minutes = MinutesField(source="duration")
    online_url = serializers.CharField(
        help_text=_("Where people can do this without coming.")
    )
    language = serializers.ChoiceField(
        settings.LANGUAGES, help_text=_("Of the texts as they are written.")
    )

    class Meta:
        model = Service
        fields = list(IN_LIST)
        read_only_fields = fields
        texts = TEXTS


class ServiceSerializer(ListedServiceSerializer):
    translations = TranslationsField(
        TEXTS, read_only=True, help_text=_("The texts in other languages.")
    )

    class Meta(ListedServiceSerializer.Meta):
        fields = list(SERVICE)


class OfficeServiceSerializer(serializers.ModelSerializer):
    """As it is at this office: duration and most per visit can be its own."""

    service = ListedServiceSerializer()
    duration_minutes = MinutesField(source="duration")
    buffer_minutes = MinutesField(source="buffer")
    max_quantity = serializers.IntegerField()

    class Meta:
        model = OfficeService
        fields = list(OFFERED)
        read_only_fields = fields

    def to_representation(self, offered):
        told = super().to_representation(offered)
        told["service"] |= texts_of(offered.service, TEXTS, office=offered.office)
        return told


class ServiceFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(label=_("This one alone."))

    class Meta:
        model = Service
        fields = ["code"]


class SearchServicesSerializer(serializers.Serializer):
    q = serializers.CharField(max_length=200, help_text=_("What people type."))


class ServiceViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    permission_classes = [AllowAny]
    filterset_class = ServiceFilter
    ordering, ordering_fields = "name", ["name"]

    def get_serializer_class(self):
        alone = self.action == "retrieve"
        return ServiceSerializer if alone else ListedServiceSerializer

    def get_queryset(self):
        """What citizens can find; any member may read the whole catalogue."""
        listed = Service.objects.listed()
        if getattr(self, "swagger_fake_view", False):
            return listed
        return Service.objects.visible_to(self.request.user) | listed

    @operation(
        "List services", gives=ListedServiceSerializer(many=True), answer=IN_LIST
    )
    def list(self, request):
        """What offices offer to the public, by name."""
        return super().list(request)

    @operation("Show a service", gives=ServiceSerializer, answer=SERVICE)
    def retrieve(self, request, pk):
        """What it is, what to bring, what it costs, and how long it takes."""
        return super().retrieve(request, pk)


class SearchServices(ApiView):
    permission_classes = [AllowAny]
    serializer_class = ListedServiceSerializer

    @operation(
        "Search services",
        gives=ListedServiceSerializer(many=True),
        answer=IN_LIST,
        parameters=[SearchServicesSerializer],
    )
    def get(self, request):
        """By what people type, the best first, at most 100.

        Small mistakes in spelling do no harm.
        """
        asked = SearchServicesSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        ranked = [found.pk for found in search.services(asked.validated_data["q"])]
        found = Service.objects.in_bulk(ranked)
        rows = [found[pk] for pk in ranked]
        return Response(self.get_serializer(rows, many=True).data)


class OfficeServices(ApiView):
    permission_classes = [AllowAny]
    serializer_class = OfficeServiceSerializer

    @operation(
        "List what an office offers",
        gives=OfficeServiceSerializer(many=True),
        answer=OFFERED,
    )
    def get(self, request, office_id):
        """Its services, by name. Its staff also see what only they can book."""
        office = get_object_or_404(Office.objects.known_to(request.user), pk=office_id)
        offered = office.offered.with_details().order_by(
            Fold(shown("name", "service__")), "pk"
        )
        if not Office.objects.visible_to(request.user).filter(pk=office.pk).exists():
            offered = offered.filter(is_public=True, service__is_public=True)
        return Response(self.get_serializer(offered, many=True).data)

"""How the API shows offices, and finds them. Writing them is in availability.api."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from config.api.schema import operation
from config.api.views import ApiView
from offices.api.fields import (
    DegreesField,
    HtmlField,
    MinutesField,
)
from offices.api.texts import InWordsOf, TranslationsField
from offices.models import Office
from offices.queries import search
from offices.queries.distance import near

MOST_FOUND = 100
TEXTS = ["name", "description", "keywords", "accessibility"]

OFFICE = {
    "id": 7,
    "name": "Town hall",
    "slug": "town-hall",
    "description": "<p>Passports, registration, certificates.</p>",
    "keywords": "",
    "status": "open",
    "is_public": True,
    "street": "Marktplatz 1",
    "postal_code": "80331",
    "city": "München",
    "country": "DE",
    "subdivision": "BY",
    "latitude": 48.137,
    "longitude": 11.575,
    "time_zone": "Europe/Berlin",
    "email": "townhall@example.org",
    "phone": "+49 89 233 00",
    "website": "https://example.org/townhall",
    "accessibility": "Step-free entrance",
    "lead_time_minutes": 60,
    "booking_horizon_days": 60,
    "cancellation_cutoff_minutes": 0,
    "max_open_appointments": 3,
    "approval_required": False,
    "hold_time_minutes": 10,
    "reminder_hours": [24],
    "retention_days": 90,
    "language": "en",
    "translations": {"de": {"name": "Rathaus"}},
}
IN_LIST = {name: OFFICE[name] for name in OFFICE if name != "translations"}
FOUND = {
    "id": 7,
    "name": "Town hall",
    "slug": "town-hall",
    "status": "open",
    "street": "Marktplatz 1",
    "postal_code": "80331",
    "city": "München",
    "latitude": 48.137,
    "longitude": 11.575,
    "time_zone": "Europe/Berlin",
    "distance_km": 0.412,
}


class OfficeSerializer(InWordsOf):
    """Both ways: what goes out can come in again, but for the id.

    Read it in its own `language` before you send its texts back.
    """

    slug = serializers.SlugField(max_length=200)
    description = HtmlField()
    # Plain texts, since "" is no address: the model says what is one.
    email = serializers.CharField(required=False, allow_blank=True, max_length=254)
    website = serializers.CharField(required=False, allow_blank=True, max_length=200)
    keywords = serializers.CharField(
        required=False, allow_blank=True, max_length=20_000
    )
    accessibility = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20_000,
        help_text=_("One fact a line."),
    )
    latitude = DegreesField(
        required=False, allow_null=True, min_value=-90, max_value=90
    )
    longitude = DegreesField(
        required=False, allow_null=True, min_value=-180, max_value=180
    )
    lead_time_minutes = MinutesField(source="lead_time", required=False)
    cancellation_cutoff_minutes = MinutesField(
        source="cancellation_cutoff", required=False
    )
    hold_time_minutes = MinutesField(
        source="hold_time", required=False, min_value=1, max_value=24 * 60
    )
    reminder_hours = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=24 * 400),
        required=False,
        max_length=10,
    )

    language = serializers.ChoiceField(
        settings.LANGUAGES,
        required=False,
        help_text=_("Of the texts as they are written, and of mails to the office."),
    )
    translations = TranslationsField(
        TEXTS,
        required=False,
        help_text=_("What is left out stays, an empty text goes. Not told in lists."),
    )

    class Meta:
        model = Office
        fields = list(OFFICE)
        texts = TEXTS


class FoundOfficeSerializer(InWordsOf):
    distance_km = serializers.SerializerMethodField()

    class Meta:
        model = Office
        fields = list(FOUND)
        texts = ["name"]

    def get_distance_km(self, office) -> float | None:
        """From the place asked about, as the crow flies; null when none was."""
        distance = getattr(office, "distance_km", None)
        return None if distance is None else round(distance, 3)


class SearchOfficesSerializer(serializers.Serializer):
    q = serializers.CharField(
        required=False, max_length=200, help_text=_("What people type.")
    )
    latitude = DegreesField(required=False, min_value=-90, max_value=90)
    longitude = DegreesField(required=False, min_value=-180, max_value=180)
    radius_km = serializers.FloatField(
        required=False,
        default=25.0,
        min_value=0.001,
        max_value=1000,
        help_text=_("Around the place at `latitude` and `longitude`."),
    )

    def validate(self, asked):
        if ("latitude" in asked) != ("longitude" in asked):
            raise serializers.ValidationError(
                _("Give both latitude and longitude, or neither.")
            )
        if "q" not in asked and "latitude" not in asked:
            raise serializers.ValidationError(_("Give q, or a place, or both."))
        return asked


class SearchOffices(ApiView):
    permission_classes = [AllowAny]
    serializer_class = FoundOfficeSerializer

    @operation(
        "Search offices",
        gives=FoundOfficeSerializer(many=True),
        answer=FOUND,
        parameters=[SearchOfficesSerializer],
    )
    def get(self, request):
        """By text, the best first; near a place, the nearest first; or by both.

        At most 100. Small mistakes in spelling do no harm.
        """
        asked = SearchOfficesSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = search_offices(**asked.validated_data)
        return Response(self.get_serializer(found, many=True).data)


def search_offices(q=None, latitude=None, longitude=None, radius_km=25.0):
    if latitude is None:
        return search.offices(q)
    around = near(latitude, longitude, within_km=radius_km)
    if q is not None:
        around = around.filter(pk__in=[office.pk for office in search.offices(q)])
    return around[:MOST_FOUND]

"""What the API tells of offices and their hours that takes appointments to know."""

from django.urls import path

from appointments.api.hours import ClosureViewSet, ExceptionViewSet, RuleViewSet
from appointments.api.statistics import Statistics

MANY = {"get": "list", "post": "create"}
ONE = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}


def routes(address, viewset, basename, *, many=None):
    return [
        path(
            many or address,
            viewset.as_view(MANY, basename=basename),
            name=f"{basename}-list",
        ),
        path(
            f"{address}/<int:pk>",
            viewset.as_view(ONE, basename=basename),
            name=f"{basename}-detail",
        ),
    ]


urlpatterns = [
    path("offices/<int:office_id>/statistics", Statistics.as_view(), name="statistics"),
    *routes(
        "availability/rules",
        RuleViewSet,
        "rule",
        many="availability/hosts/<int:office_id>",
    ),
    *routes("availability/exceptions", ExceptionViewSet, "exception"),
    *routes("availability/closures", ClosureViewSet, "closure"),
]

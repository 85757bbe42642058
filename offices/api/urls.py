from django.urls import include, path
from rest_framework.routers import SimpleRouter

from offices.api.me import Me
from offices.api.memberships import Memberships, OneMembership
from offices.api.offices import SearchOffices
from offices.api.services import OfficeServices, SearchServices, ServiceViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("services", ServiceViewSet, basename="service")

urlpatterns = [
    path("auth/me", Me.as_view(), name="me"),
    path("offices/search", SearchOffices.as_view(), name="office-search"),
    path("services/search", SearchServices.as_view(), name="service-search"),
    path(
        "offices/<int:office_id>/services",
        OfficeServices.as_view(),
        name="office-services",
    ),
    path(
        "offices/<int:office_id>/memberships",
        Memberships.as_view(),
        name="membership-list",
    ),
    path(
        "offices/<int:office_id>/memberships/<int:user_id>",
        OneMembership.as_view(),
        name="membership",
    ),
    path("", include(router.urls)),
]

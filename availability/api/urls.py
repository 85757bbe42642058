from django.urls import include, path
from rest_framework.routers import SimpleRouter

from availability.api.hosts import AssignHost, HostAtOffice, HostViewSet
from availability.api.offices import OfficeViewSet
from availability.api.slots import Next, Slots

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("offices/hosts", HostViewSet, basename="host")

urlpatterns = [
    path("offices/hosts/assign", AssignHost.as_view(), name="host-assign"),
    path(
        "offices/hosts/<int:host_id>/office/<int:office_id>",
        HostAtOffice.as_view(),
        name="host-at-office",
    ),
    path("", include(router.urls)),
    path(
        "offices",
        OfficeViewSet.as_view({"get": "list", "post": "create"}, basename="office"),
        name="office-list",
    ),
    path(
        "offices/<int:office_id>",
        OfficeViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"},
            basename="office",
        ),
        name="office-detail",
    ),
    path("availability/hosts/<int:office_id>/slots", Slots.as_view(), name="slot-list"),
    path("availability/next", Next.as_view(), name="next"),
]

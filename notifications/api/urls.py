from django.urls import path

from notifications.api.webhooks import DeliveryViewSet, WebhookViewSet

WEBHOOKS = "offices/<int:office_id>/webhooks"
DELIVERIES = f"{WEBHOOKS}/<int:webhook_id>/deliveries"


def webhook(**methods):
    return WebhookViewSet.as_view(methods, basename="webhook")


def delivery(**methods):
    return DeliveryViewSet.as_view(methods, basename="webhook_delivery")


urlpatterns = [
    path(WEBHOOKS, webhook(get="list", post="create"), name="webhook-list"),
    path(
        f"{WEBHOOKS}/<int:pk>",
        webhook(get="retrieve", patch="partial_update", delete="destroy"),
        name="webhook-detail",
    ),
    path(f"{WEBHOOKS}/<int:pk>/rotate", webhook(post="rotate"), name="webhook-rotate"),
    path(DELIVERIES, delivery(get="list"), name="webhook-delivery-list"),
    path(
        f"{DELIVERIES}/<int:pk>",
        delivery(get="retrieve"),
        name="webhook-delivery-detail",
    ),
    path(
        f"{DELIVERIES}/<int:pk>/replay",
        delivery(post="replay"),
        name="webhook-delivery-replay",
    ),
]

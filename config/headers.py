"""The headers that every answer has, whoever made it: a page, a file, an error.

What a view has said itself stays as it is. Django's own middleware adds the content
security policy and HSTS; what is refused before it is reached has no other door than
this one, so it stands outermost.
"""

from django.conf import settings
from django.utils.csp import CSP, build_policy

# What a page of ours never asks a browser for.
POWERFUL = [
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
]


def permissions(*allowed):
    """A Permissions-Policy that leaves a page only what it uses."""
    return ", ".join(
        f"{name}=(self)" if name in allowed else f"{name}=()" for name in POWERFUL
    )


class HeadersMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response
        self.always = {
            # What does not say how long it may be kept is kept nowhere.
            "Cache-Control": "private, no-store",
            CSP.HEADER_ENFORCE.value: build_policy(settings.SECURE_CSP),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": permissions(),
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }
        if settings.SECURE_HSTS_SECONDS:
            seconds = f"max-age={settings.SECURE_HSTS_SECONDS}"
            self.always["Strict-Transport-Security"] = seconds

    def __call__(self, request):
        response = self.get_response(request)
        for name, value in self.always.items():
            response.headers.setdefault(name, value)
        return response

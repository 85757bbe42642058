from django.conf import settings


def site(request):
    """What every page may say of the installation."""
    return {"site_name": settings.SITE_NAME, "environment": settings.ENVIRONMENT}

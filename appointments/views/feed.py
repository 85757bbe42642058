"""The calendar of an office, for programs that come back for it."""

from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from appointments import feeds


@require_safe
def calendar_feed(request, token):
    feed = feeds.feed_for(token)
    if feed is None:
        raise Http404
    etag = feeds.etag(feed)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(
            feeds.content(feed), content_type="text/calendar; charset=utf-8"
        )
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response

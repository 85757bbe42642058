"""What providers call us with. Each call is proved before it is believed."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from twilio.request_validator import RequestValidator

from notifications import receipts
from notifications.states import Cause, Channel, Receipt

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
RECEIPTS = {
    "delivered": Receipt.DELIVERED,
    "undelivered": Receipt.BOUNCED,
    "failed": Receipt.BOUNCED,
}
# Error codes that say the number takes no text messages at all: unknown, a landline,
# or one whose owner has answered STOP, and may answer START.
STOPPED = "21610"
FOR_GOOD = {"30005", "30006", STOPPED}

# https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
STOP, START = "STOP", "START"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@method_decorator(csrf_exempt, name="dispatch")
class FromTwilio(View):
    """A call that Twilio has signed with the account's auth token."""

    http_method_names = ["post"]

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and not self.is_signed(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @staticmethod
    def is_signed(request):
        """By the address we gave them: what proxies make of it is not known there."""
        if settings.SMS_PROVIDER != "twilio" or not settings.SMS_CALLBACK_SECRET:
            return False
        signature = request.headers.get("X-Twilio-Signature", "")
        url = f"{settings.FRONTEND_HOST}{request.get_full_path()}"
        validator = RequestValidator(settings.SMS_CALLBACK_SECRET)
        return validator.validate(url, request.POST, signature)


class SmsStatus(FromTwilio):
    """What has become of a text message."""

    def post(self, request):
        status = request.POST.get("MessageStatus", "")
        error = request.POST.get("ErrorCode", "")
        if status in RECEIPTS:
            receipts.record(
                Channel.SMS,
                request.POST.get("MessageSid", ""),
                RECEIPTS[status],
                detail=f"{status} {error}".strip(),
                for_good=error in FOR_GOOD,
                cause=Cause.STOPPED if error == STOPPED else None,
            )
        return HttpResponse(status=204)


class SmsIncoming(FromTwilio):
    """An answer to a text message: we heed STOP and START, and read nothing else."""

    def post(self, request):
        wish = request.POST.get("OptOutType", "").upper()
        wish = wish or request.POST.get("Body", "").strip().upper()
        sender = request.POST.get("From", "")
        if wish == STOP and sender:
            receipts.block(Channel.SMS, sender, Cause.STOPPED, detail="STOP")
        elif wish == START:
            receipts.unstop(sender)
        return HttpResponse(EMPTY, content_type="text/xml")

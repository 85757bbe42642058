from django.db import migrations

KEEP = """
INSERT INTO notifications_webhookattempt (
    delivery_id, tried_at, duration, request_headers, response_status, response_body,
    error)
SELECT id, tried_at, interval '0', request_headers, response_status, response_body,
    CASE WHEN response_status IS NULL AND last_error = '' THEN '?' ELSE last_error END
FROM notifications_webhookdelivery WHERE tried_at IS NOT NULL
ORDER BY tried_at
"""

GIVE_BACK = """
UPDATE notifications_webhookdelivery AS delivery
SET tried_at = attempt.tried_at, request_headers = attempt.request_headers,
    response_status = attempt.response_status, response_body = attempt.response_body
FROM (
    SELECT DISTINCT ON (delivery_id) * FROM notifications_webhookattempt
    ORDER BY delivery_id, id DESC
) AS attempt
WHERE attempt.delivery_id = delivery.id
"""
FORGET = "DELETE FROM notifications_webhookattempt"


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_webhook_tries")]

    operations = [migrations.RunSQL([KEEP], [GIVE_BACK, FORGET])]

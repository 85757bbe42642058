"""offices.times in templates: `{{ appointment.starts_at|office_when:office }}`."""

from django import template

from offices import times

register = template.Library()

for words in [
    times.office_day,
    times.office_date,
    times.office_time,
    times.office_when,
    times.time_needed,
]:
    register.filter(words.__name__, words)

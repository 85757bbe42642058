from django.contrib import admin

from appointments.admin.appointments import AppointmentAdmin
from appointments.models import Appointment, Citizen
from config.admin import ReadOnly, VisibleInline
from offices.admin_base import OfficeScopedAdmin


class AppointmentInline(VisibleInline):
    model = Appointment
    fields = readonly_fields = ["reference", "time", "service", "office", "status"]
    fk_name = "citizen"

    time = AppointmentAdmin.time


@admin.register(Citizen)
class CitizenAdmin(ReadOnly, OfficeScopedAdmin):
    office_path = None
    list_display = ["name", "email", "phone"]
    search_fields = ["name", "email", "phone"]
    fields = ["name", "email", "phone", "language", "user"]
    inlines = [AppointmentInline]

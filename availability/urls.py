"""The pages that find a service, an office and its next free time.

They are pages about offices, so that is their namespace; they tell hours and free
times, which the offices app knows nothing of.
"""

from django.urls import path

from availability import views

app_name = "offices"

urlpatterns = [
    path("search/", views.results, name="search"),
    path("services/", views.service_list, name="services"),
    path("services/<slug:code>/", views.service_page, name="service"),
    path("offices/", views.office_list, name="list"),
    path("offices/<slug:slug>/", views.office_page, name="office"),
]

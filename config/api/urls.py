from django.urls import path

from config.api import views

urlpatterns = [
    path("schema", views.Schema.as_view(), name="schema"),
    path("problems", views.Problems.as_view(), name="problems"),
    path("problems/<slug:code>", views.Problem.as_view(), name="problem"),
]

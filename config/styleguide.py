"""Every component on one page, for those who build pages: on their own machine only."""

import json

from django import forms
from django.conf import settings
from django.http import Http404
from django.shortcuts import render

EXAMPLES = settings.BASE_DIR / "templates" / "styleguide.json"


class ExampleForm(forms.Form):
    """One field of each kind, filled in wrongly."""

    name = forms.CharField(
        label="Name", help_text="As it is written in your passport.", max_length=100
    )
    email = forms.EmailField(label="E-mail address")
    phone = forms.CharField(label="Phone", required=False)
    language = forms.ChoiceField(
        label="Language", choices=[("en", "English"), ("de", "Deutsch")]
    )
    needs = forms.MultipleChoiceField(
        label="What do you need?",
        required=False,
        choices=[("ramp", "A way without steps"), ("sign", "A sign interpreter")],
        widget=forms.CheckboxSelectMultiple,
    )
    way = forms.ChoiceField(
        label="How shall we remind you?",
        choices=[("mail", "By e-mail"), ("sms", "By text message")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    agree = forms.BooleanField(label="I have read the terms")


def page(request):
    if settings.ENVIRONMENT != "local":
        raise Http404
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    form = ExampleForm({"name": "Ada Example", "email": "ada@", "language": "en"})
    return render(request, "styleguide.html", examples | {"form": form})

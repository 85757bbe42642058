"""What forms of all apps take in about people."""

from django import forms

from accounts.models import User


class AddressField(forms.EmailField):
    """In lower case, as it is kept, before it is measured: an İ becomes longer."""

    def to_python(self, value):
        return User.objects.normalize_email(super().to_python(value))

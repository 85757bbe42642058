from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts import phones
from accounts.models import User


class PasswordField(serializers.CharField):
    """What somebody types; white space counts."""

    def __init__(self, **kwargs):
        kwargs = {"trim_whitespace": False, "max_length": 256, **kwargs}
        super().__init__(write_only=True, **kwargs)


class EmailField(serializers.EmailField):
    """In lower case, as accounts keep it."""

    def __init__(self, **kwargs):
        super().__init__(**{"max_length": 254, **kwargs})

    def to_internal_value(self, data):
        return User.objects.normalize_email(super().to_internal_value(data))


class PhoneField(serializers.CharField):
    """Of no country in particular, so it needs its own; becomes E.164."""

    default_error_messages = {
        "no_phone": _("Enter a phone number with its country, like {example}.")
    }

    def __init__(self, **kwargs):
        told = {"help_text": _("With its country, like +49.")}
        super().__init__(**{"max_length": 32, "allow_blank": True, **told, **kwargs})

    def to_internal_value(self, data):
        typed = super().to_internal_value(data)
        number = phones.read(typed, None) if typed else ""
        if number is None:
            self.fail("no_phone", example=phones.example("DE"))
        return number


class RegisterSerializer(serializers.Serializer):
    email = EmailField()
    password = PasswordField()
    name = serializers.CharField(max_length=150)
    phone = PhoneField(required=False)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField(
        max_length=500, help_text=_("From the link, or as the code in the mail.")
    )


class VerifyEmailSerializer(TokenSerializer):
    password = PasswordField(
        help_text=_("Of the account from now on, whatever was given to register.")
    )


class LoginSerializer(serializers.Serializer):
    email = EmailField()
    password = PasswordField()
    otp = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=40,
        write_only=True,
        help_text=_("The code from the phone, or a recovery code, of who has one."),
    )


class RefreshSerializer(serializers.Serializer):
    refresh = serializers.CharField(max_length=2000)


class TokensSerializer(serializers.Serializer):
    """The refresh token works once: keep the new one."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.CharField(help_text=_("Always Bearer."))
    expires_in = serializers.IntegerField(help_text=_("Of `access`, in seconds."))
    refresh_expires_in = serializers.IntegerField(help_text=_("In seconds."))


class UserSerializer(serializers.ModelSerializer):
    email_verified = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "name",
            "phone",
            "language",
            "email_verified",
            "is_staff",
        ]
        read_only_fields = fields

    def get_email_verified(self, user) -> bool:
        return user.email_verified_at is not None


class ProfileSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=150)
    phone = PhoneField()
    language = serializers.ChoiceField(settings.LANGUAGES, allow_blank=True)


class ChangePasswordSerializer(serializers.Serializer):
    current_password = PasswordField()
    new_password = PasswordField()


class AskForResetSerializer(serializers.Serializer):
    email = EmailField()


class ResetPasswordSerializer(TokenSerializer):
    new_password = PasswordField()


class SentSerializer(serializers.Serializer):
    detail = serializers.CharField()

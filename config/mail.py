"""Which way mail leaves: files, an SMTP server, or a provider through anymail."""

SMTP_OVER_TLS = 465
SMTP_SUBMISSION = 587


def mailer(env, mail_dir, *, to_files):
    """Return Django's MAILERS entry; without a server, files where that is allowed."""
    provider = env.text("EMAIL_PROVIDER", "smtp")
    if provider != "smtp":
        return {"BACKEND": f"anymail.backends.{provider}.EmailBackend"}
    if to_files and "MAIL_SERVER" not in env:
        env.refuse_without(
            "MAIL_SERVER", ["MAIL_PORT", "MAIL_USERNAME", "MAIL_PASSWORD"]
        )
        return {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(mail_dir)},
        }
    return _smtp(env)


def _smtp(env):
    port = env.number("MAIL_PORT", SMTP_SUBMISSION, least=1, most=65535)
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env.text("MAIL_SERVER", "localhost"),
            "port": port,
            "username": env.text("MAIL_USERNAME", ""),
            "password": env.text("MAIL_PASSWORD", ""),
            "use_ssl": port == SMTP_OVER_TLS,
            "use_tls": env.flag("MAIL_STARTTLS", default=port == SMTP_SUBMISSION),
            "timeout": 10,
        },
    }

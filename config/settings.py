"""Settings, all from the environment; `.env.example` has a line on each variable.

What is wrong in itself is refused here, by name; what must hold together is a
system check (config/checks.py).
"""

import logging
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from config import addresses, logs, mail, secret_key, services
from config.env import Environment

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
env.read_file(env.text("ENV_FILE", str(BASE_DIR / ".env")))

# --- Where we run ---------------------------------------------------------------

ENVIRONMENT = env.choice(
    "ENVIRONMENT", "local", ["local", "development", "staging", "production"]
)
ON_A_DESK = ENVIRONMENT in ("local", "development")
DEBUG = env.flag("DEBUG", default=False)
DATA_DIR = addresses.data_dir(BASE_DIR)
PORT = env.number("PORT", 8000, least=1, most=65535)
WEB_WORKERS = env.number("WEB_WORKERS", 2, least=1, most=64)
LOG_LEVEL = env.choice(
    "LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
)
SENTRY_DSN = env.sentry("SENTRY_DSN")
RELEASE = env.text("RELEASE", "")
METRICS_TOKEN = env.secret("METRICS_TOKEN", least=16)
# A machine's own, also where several share a DATA_DIR.
METRICS_DIR = Path(env.text("METRICS_DIR", str(addresses.metrics_dir(DATA_DIR))))
WORKER_METRICS_PORT = env.number("WORKER_METRICS_PORT", 0, most=65535)

SITE_NAME = env.text("SITE_NAME", "Appointments")
FRONTEND_HOST = env.url(
    "FRONTEND_HOST",
    f"http://localhost:{PORT}" if ON_A_DESK else None,
    schemes=["http", "https"],
).rstrip("/")
API_V1_STR = env.prefix("API_V1_STR", "/api/v1")

ALLOWED_HOSTS = env.items(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"]
    if ON_A_DESK
    else [urlsplit(FRONTEND_HOST).hostname],
)
PROXY_COUNT = env.number("PROXY_COUNT", 0, most=10)
CORS_ORIGINS = env.items("CORS_ORIGINS")
ALLOWED_EMAIL_DOMAINS = [
    domain.lower().removeprefix("@") for domain in env.items("ALLOWED_EMAIL_DOMAINS")
]

if ENVIRONMENT == "local" and "SECRET_KEY" not in env:
    SECRET_KEY = secret_key.kept_in(DATA_DIR)
else:
    SECRET_KEY = secret_key.checked(env.text("SECRET_KEY"), strict=not ON_A_DESK)

# --- Apps -----------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "accounts",
    "offices",
    "availability",
    "appointments",
    "notifications",
    "config.admin_apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "guardian",
    "axes",
    "django_structlog",
    "corsheaders",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "anymail",
]

MIDDLEWARE = [
    "config.headers.HeadersMiddleware",
    "config.metrics.requests.MetricsMiddleware",
    "config.middleware.ClientAddressMiddleware",
    "config.middleware.ProbeMiddleware",
    "config.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.limits.LimitsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.NoteUseMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
    "appointments.middleware.AccessMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    }
]

# --- Database -------------------------------------------------------------------

DATABASE_IS_EMBEDDED = not ("DATABASE_URL" in env or "POSTGRES_SERVER" in env)
DATABASE_POOL_SIZE = env.number("DATABASE_POOL_SIZE", 0, most=100)
DATABASE_PGBOUNCER = env.flag("DATABASE_PGBOUNCER", default=False)
DATABASES = {
    "default": services.database(
        env,
        DATA_DIR,
        pool_size=DATABASE_POOL_SIZE,
        behind_pgbouncer=DATABASE_PGBOUNCER,
    )
}

# --- Redis: the cache and Celery's broker ---------------------------------------

REDIS_IS_EMBEDDED = not ("REDIS_URL" in env or "REDIS_HOST" in env)
REDIS_URL = services.redis_url(env, DATA_DIR)

CACHE_TTL = env.number("CACHE_TTL", 300)
CACHES = {
    "default": {
        "BACKEND": "config.caching.Cache",
        "LOCATION": addresses.cache_url(REDIS_URL),
        "TIMEOUT": CACHE_TTL,
        "KEY_PREFIX": "appointments",
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 0.5,
            "IGNORE_EXCEPTIONS": True,  # config.caching says so once
            "REDIS_CLIENT_CLASS": "config.caching.PatientRedis",
            "CONNECTION_POOL_CLASS": "config.caching.Pool",
        },
    }
}

CELERY_BROKER_URL = addresses.broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Who publishes waits for a broker that is away no longer than this; the sweep
    # finds what was not announced (docs/decisions/0003).
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
    "max_retries": 0,
    "visibility_timeout": 600,
}
CELERY_TASK_DEFAULT_QUEUE = "celery"
# Other people's servers may be slow; they keep only each other waiting.
CELERY_TASK_ROUTES = {"notifications.tasks.deliver_webhook": {"queue": "webhooks"}}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True  # they come again
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_TIMEZONE = "UTC"

# --- People ---------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.guessing.GuessingBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in [
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    ]
]
PASSWORD_RESET_TIMEOUT = 3600  # seconds
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Between a form for strangers and its answer lie at least so many seconds.
FORM_FILL_SECONDS = env.number("FORM_FILL_SECONDS", 1, most=60)

# Who must have a second step at the sign-in: roles at an office, and superusers.
TOTP_ROLES = ["host", "manager", "reception", "secretary", "superuser"]
TOTP_REQUIRED_ROLES = env.items("TOTP_REQUIRED_ROLES")
if unknown := sorted(set(TOTP_REQUIRED_ROLES) - set(TOTP_ROLES)):
    raise ImproperlyConfigured(
        f"TOTP_REQUIRED_ROLES: {unknown[0]!r} is none of: {', '.join(TOTP_ROLES)}."
    )
SECOND_FACTOR_KEY = secret_key.derived(SECRET_KEY, "second factor")

# Five wrong passwords for one account from one address lock that account for it.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "accounts.guessing.address_for_lockout"
AXES_USERNAME_FORM_FIELD = "username"  # what Django's forms call it, and we do not
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "accounts.views.lockout_name"
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # who signed in when, for ever, is nobody's business
AXES_VERBOSE = False

# Wrong passwords over many addresses or accounts: so many in so many seconds.
WRONG_PASSWORDS_PER_ACCOUNT = (20, 900)
WRONG_PASSWORDS_PER_ACCOUNT_AND_DAY = (100, 86_400)
WRONG_PASSWORDS_PER_NETWORK = (50, 900)

RATELIMIT_ENABLE = env.flag("RATE_LIMIT_ENABLED", default=True)
RATE_LIMIT_WINDOW = env.number("RATE_LIMIT_WINDOW", 60, least=1)  # seconds
RATE_LIMIT = f"{env.number('RATE_LIMIT_REQUESTS', 60, least=1)}/{RATE_LIMIT_WINDOW}s"
INVITATION_RATE = "30/h"  # of one person, or of one API key
HOLDS_PER_CLIENT = env.number("HOLDS_PER_CLIENT", 5, least=1)
HOLDS_PER_ADDRESS = env.number("HOLDS_PER_ADDRESS", 30, least=1)
RATELIMIT_FAIL_OPEN = True  # a Redis that is away costs speed, not service

# --- API ------------------------------------------------------------------------

ACCESS_TOKEN_LIFETIME = timedelta(
    minutes=env.number("ACCESS_TOKEN_MINUTES", 15, least=1, most=1440)
)
REFRESH_TOKEN_LIFETIME = timedelta(
    days=env.number("REFRESH_TOKEN_DAYS", 14, least=1, most=365)
)
API_BODY_LIMIT = env.number("API_BODY_KIB", 256, least=1, most=10_240) * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000  # a list's hundred rows and more
DATA_UPLOAD_MAX_NUMBER_FILES = 10
DATA_UPLOAD_MAX_MEMORY_SIZE = max(API_BODY_LIMIT, 2_621_440)  # Django's own limit
API_PAGE_SIZE, API_PAGE_SIZE_LIMIT = 25, 100
API_RATE_LIMIT = "{}/{}s".format(
    env.number(
        "API_RATE_LIMIT_REQUESTS",
        env.number("RATE_LIMIT_REQUESTS", 600, least=1),
        least=1,
    ),
    RATE_LIMIT_WINDOW,
)

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "config.api.problems.exception_handler",
    "DEFAULT_RENDERER_CLASSES": ["config.api.formats.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.formats.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.api.formats.AlwaysJSON",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "offices.api.authentication.ApiKeyAuthentication",
        "accounts.api.authentication.CookieAuthentication",
    ],
    "DEFAULT_PAGINATION_CLASS": "config.api.pagination.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.ApiSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["config.api.formats.JSONRenderer"],
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": ACCESS_TOKEN_LIFETIME,
    "REFRESH_TOKEN_LIFETIME": REFRESH_TOKEN_LIFETIME,
    "SIGNING_KEY": secret_key.derived(SECRET_KEY, "tokens"),
    "USER_ID_CLAIM": "sub",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": (BASE_DIR / "config/api/description.md").read_text(),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": API_V1_STR,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "AppointmentStatus": "appointments.states.Status",
        "ClosureKind": "offices.models.ClosureKind",
        "DeliveryStatus": "notifications.states.Status",
        "EventKind": "appointments.states.EventKind",
        "ExceptionKind": "availability.models.ExceptionKind",
        "OfficeStatus": "offices.models.OfficeStatus",
    },
    "SWAGGER_UI_DIST": "docs",
    "SWAGGER_UI_FAVICON_HREF": "docs/favicon-32x32.png",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

CORS_URLS_REGEX = rf"^{re.escape(API_V1_STR)}/"
CORS_ALLOWED_ORIGINS = CORS_ORIGINS
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "accept-language"),
    *("idempotency-key", "if-match", "if-none-match"),
]
CORS_EXPOSE_HEADERS = [
    "x-request-id",
    *("etag", "location", "retry-after", "idempotent-replayed", "ratelimit-limit"),
    *("ratelimit-remaining", "ratelimit-reset", "ratelimit-policy"),
]

# --- Sessions, cookies, security ------------------------------------------------

SESSION_ENGINE = "config.sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

OVER_HTTPS = FRONTEND_HOST.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = OVER_HTTPS
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
if OVER_HTTPS:  # no other host of the same domain can set one of these names
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_TRUSTED_ORIGINS = [FRONTEND_HOST]
SECURE_SSL_REDIRECT = OVER_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health", r"^metrics$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if OVER_HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    # Subdomains are not ours to bind: the address may be the town's own.
    "security.W005",
    "security.W021",
]
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

# Days that the log of access to personal data is kept.
AUDIT_DAYS = env.number("AUDIT_DAYS", 365, least=31)

# --- Languages and time ---------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("de", _("German")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("ar", _("Arabic")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]

# --- Static files ---------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "config.static.UsedAppsFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Mail and SMS ---------------------------------------------------------------

EMAIL_PROVIDER = env.text("EMAIL_PROVIDER", "smtp")
MAIL_SERVER = env.text("MAIL_SERVER", "")
MAIL_DIR = DATA_DIR / "mail"
MAILERS = {"default": mail.mailer(env, MAIL_DIR, to_files=ON_A_DESK)}
ANYMAIL = env.mapping("ANYMAIL")  # WEBHOOK_SECRET in it opens /anymail/ to providers
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mailbox(
    "MAIL_FROM", f"{SITE_NAME} <appointments@localhost>" if ON_A_DESK else None
)
SMS_ENABLED = env.flag("SMS_ENABLED", default=False)
SMS_PROVIDER = env.choice(
    "SMS_PROVIDER", "console", ["twilio", "smscatcher", "console"]
)
SMS_API_KEY = env.text("SMS_API_KEY", "")
SMS_API_SECRET = env.text("SMS_API_SECRET", "")
SMS_CALLBACK_SECRET = env.text("SMS_CALLBACK_SECRET", SMS_API_SECRET)
SMS_ACCOUNT = env.text("SMS_ACCOUNT", "")
SMS_SENDER = env.text("SMS_SENDER", "")
SMS_URL = env.url("SMS_URL", schemes=["https", "http"]) if "SMS_URL" in env else ""
SMS_DIR = DATA_DIR / "sms"
MESSAGES_PER_SECOND = {  # to each provider, over all workers; 0: as many as there are
    "mail": env.number("MAIL_PER_SECOND", 0, most=10_000),
    "sms": env.number("SMS_PER_SECOND", 0, most=10_000),
}
WEBHOOK_ALLOW_PRIVATE = env.flag("WEBHOOK_ALLOW_PRIVATE", default=False)
# An account of a citizen that nobody has used for so long is deleted; 0: never.
INACTIVE_ACCOUNT_DAYS = env.number("INACTIVE_ACCOUNT_DAYS", 730, most=36_500)
WEBHOOK_LOG_DAYS = env.number("WEBHOOK_LOG_DAYS", 30, least=4)  # tried for three

# --- Logs -----------------------------------------------------------------------

logs.configure()
LOGGING = logs.logging_config(LOG_LEVEL, as_json=not ON_A_DESK)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_COMMAND_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG

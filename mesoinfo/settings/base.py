"""What all settings share. Values come from the environment through `environment`; see `.env.example`."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from procedures.pages import inline

from ..logs import configuration
from .environment import ROOT, backup_dir, data_dir, database, env, secret_key, shared_pictures, site_url

DATA_DIR = data_dir()
SECRET_KEY = secret_key(DATA_DIR)
DEBUG = False

SITE_URL = site_url()
SECURE = SITE_URL.startswith("https://")
_host = urlsplit(SITE_URL).hostname or "127.0.0.1"
ALLOWED_HOSTS = sorted(
    {_host, *([] if SECURE else ["127.0.0.1", "localhost", "[::1]"]), *env.list("ALLOWED_HOSTS", default=[])}
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "procedures.pages.errors.csrf_failure"

INSTALLED_APPS = [
    "procedures",
    "mesoinfo.apps.DeskConfig",  # Django's admin with our first page
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "markdownx",
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

MIDDLEWARE = [
    "mesoinfo.health.HealthMiddleware",
    "mesoinfo.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "mesoinfo.headers.HeadersMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "procedures.staff.idle.IdleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "mesoinfo.urls"
WSGI_APPLICATION = "mesoinfo.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database(DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["mesoinfo.formats"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    **shared_pictures(),
}

BACKUP_DIR = backup_dir(DATA_DIR)
"""Where `run_due` makes a backup each day; None: it makes none."""

CONTENT_DIR = ROOT / "content"
SAMPLE = env.bool("SAMPLE", default=True)
"""Whether a start with an empty database publishes the guides of CONTENT_DIR."""
AFTER_RELEASE = "procedures.prerender.refresh"
"""Dotted name of a function called with the guide after a release has been committed; empty: nothing is called."""
SELF_REVIEW = env.bool("SELF_REVIEW", default=False)
"""Whether a reviewer may sign a text of their own; the page then says so."""

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
SESSION_COOKIE_AGE = 60 * env.int("IDLE_MINUTES", default=60)
"""Seconds without a request after which staff must log in again; `procedures.staff.idle` moves the end on."""
SECOND_FACTOR_REQUIRED = SECURE
"""Whether reviewers, publishers and superusers must have a second factor before they reach anything else."""
OTP_TOTP_ISSUER = _host
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
PASSWORD_RESET_TIMEOUT = 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"

SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
TRUSTED_PROXIES = env.int("PROXIES", default=0)
"""How many proxies stand in front; `procedures.requests` believes that many entries of X-Forwarded-For."""
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'", inline.allowed(inline.RULES)],
    "style-src": ["'self'", inline.allowed(inline.STYLE)],
    "img-src": ["'self'"],
    "connect-src": ["'self'"],
    "font-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
}
"""Content security policy, in the setting Django 6.0 introduced; sent by `mesoinfo.headers`."""

LIMITS = {
    "search": env.int("LIMIT_SEARCH", default=60),
    "suggest": env.int("LIMIT_SUGGEST", default=300),
    "preview": env.int("LIMIT_PREVIEW", default=120),
    "feedback": env.int("LIMIT_FEEDBACK", default=10),
}
"""How many requests a minute one address may send there; 0: any number. Reading pages is not limited."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a guide's list is one form, with about twelve fields a row
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
IMAGE_MAX_BYTES = 8 * 1024 * 1024
IMAGE_MAX_PIXELS = 40_000_000

MARKDOWNX_MARKDOWNIFY_FUNCTION = "procedures.admin.preview.markdownify"
MARKDOWNX_EDITOR_RESIZABLE = True
MARKDOWNX_URLS_PATH = "/admin/procedures/preview/"
MARKDOWNX_UPLOAD_URLS_PATH = "/admin/procedures/upload/"

vars().update(env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", default="") or f"no-reply@{_host}"

LINK_CHECKS = env.bool("LINK_CHECKS", default=True)
"""Whether `run_due` tries the links of sources once a week; nothing else of the site asks other servers for anything."""
LINKS_MAY_BE_PRIVATE = False
"""Whether links into private networks are tried; only tests, whose servers are on this machine, turn it on."""

LOG_FILE = env.str("LOG_FILE", default="")
"""Where lines of the log go besides being printed: a file a day beside this name, deleted after 30 days."""
LOGGING = configuration(
    level=env.str("LOG_LEVEL", default="INFO"), form=env.str("LOG_FORMAT", default="json"), file=LOG_FILE
)

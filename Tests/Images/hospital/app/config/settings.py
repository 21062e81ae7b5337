"""A small hospital application: what it reads, stores and answers is what the real one does, as far as tests need it.

APP_VERSION, set by the image, decides what there is: "1"; "2", with a table more; "harm", whose migrations damage the
data and then fail.
"""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
APP_VERSION = os.environ.get("APP_VERSION", "1")

# All variables of these families that the real application reads. It passes over any other; here that is an error, as
# somebody has misspelt it.
FAMILIES = ("ACCOUNT", "ALLOWED", "CSRF", "DATABASE", "DEFAULT", "DJANGO", "EMAIL", "HOSPITAL", "OIDC", "PDF", "SESSION", "SITE")
KNOWN = {
    "ACCOUNT_EMAIL_VERIFICATION", "ALLOWED_HOSTS", "CSRF_COOKIE_SECURE", "DATABASE_ENGINE", "DATABASE_HOST",
    "DATABASE_NAME", "DATABASE_PASSWORD", "DATABASE_PORT", "DATABASE_USER", "DEFAULT_FROM_EMAIL",
    "DJANGO_CSRF_TRUSTED_ORIGINS", "DJANGO_SETTINGS_MODULE", "DJANGO_SUPERUSER_EMAIL", "DJANGO_SUPERUSER_PASSWORD",
    "DJANGO_SUPERUSER_USERNAME", "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_HOST_PASSWORD", "EMAIL_HOST_USER", "EMAIL_PORT",
    "EMAIL_USE_TLS", "HOSPITAL_ADDRESS", "HOSPITAL_CITY", "HOSPITAL_CNES", "HOSPITAL_CNPJ", "HOSPITAL_EMAIL",
    "HOSPITAL_LOGO_PATH", "HOSPITAL_LOGO_URL", "HOSPITAL_NAME", "HOSPITAL_PDF_FORMS_ENABLED", "HOSPITAL_PDF_FORMS_PATH",
    "HOSPITAL_PHONE", "HOSPITAL_SHORT_ID", "HOSPITAL_STATE_FULL", "HOSPITAL_WEBSITE", "OIDC_ISSUER",
    "PDF_FORMS_MAX_FILE_SIZE", "PDF_FORMS_REQUIRE_VALIDATION", "SESSION_COOKIE_SECURE", "SITE_DOMAIN", "SITE_ID",
    "SITE_NAME",
}
for name in os.environ:
    if name.split("_")[0] in FAMILIES and name not in KNOWN:
        raise ValueError(f"the application does not read {name}")


def flag(name, default):
    return os.environ.get(name, default).lower() in ("true", "1", "yes", "on")


def words(name):
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    raise ValueError("SECRET_KEY is not set")
ALLOWED_HOSTS = words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = words("DJANGO_CSRF_TRUSTED_ORIGINS")
SESSION_COOKIE_SECURE = flag("SESSION_COOKIE_SECURE", "False")
CSRF_COOKIE_SECURE = flag("CSRF_COOKIE_SECURE", "False")
DEBUG = flag("DEBUG", "False")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "wards",
]
if APP_VERSION != "1":
    INSTALLED_APPS.append("discharges")
if APP_VERSION == "harm":
    INSTALLED_APPS.append("harm")
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": {
        # As it stands, as the real application does: Django refuses a name that is no backend of its own.
        "ENGINE": os.environ.get("DATABASE_ENGINE", "django.db.backends.postgresql"),
        "NAME": os.environ.get("DATABASE_NAME", "eqmd"),
        "USER": os.environ.get("DATABASE_USER", "eqmd"),
        "PASSWORD": os.environ.get("DATABASE_PASSWORD", ""),
        "HOST": os.environ.get("DATABASE_HOST", "postgres"),
        "PORT": os.environ.get("DATABASE_PORT", "5432"),
        "OPTIONS": {"connect_timeout": 5},
    }
}

SITE_ID = int(os.environ.get("SITE_ID", "1"))
SITE_DOMAIN = os.environ.get("SITE_DOMAIN", "localhost")
HOSPITAL_NAME = os.environ.get("HOSPITAL_NAME", "Hospital")
SITE_NAME = os.environ.get("SITE_NAME", HOSPITAL_NAME)

HOSPITAL = {
    name: os.environ.get(f"HOSPITAL_{name}", "")
    for name in ("ADDRESS", "CITY", "STATE_FULL", "PHONE", "EMAIL", "WEBSITE", "CNES", "CNPJ", "SHORT_ID", "LOGO_URL")
}
HOSPITAL_PDF_FORMS_ENABLED = flag("HOSPITAL_PDF_FORMS_ENABLED", "false")
PDF_FORMS = {
    "MAX_FILE_SIZE": int(os.environ.get("PDF_FORMS_MAX_FILE_SIZE", "10485760")),
    "REQUIRE_VALIDATION": flag("PDF_FORMS_REQUIRE_VALIDATION", "true"),
}
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", "True")
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "noreply@example.com")
ACCOUNT_EMAIL_VERIFICATION = os.environ.get("ACCOUNT_EMAIL_VERIFICATION", "mandatory")
if ACCOUNT_EMAIL_VERIFICATION not in ("mandatory", "optional", "none"):
    # As django-allauth does.
    raise ValueError("ACCOUNT_EMAIL_VERIFICATION is not one of its words")
OIDC_ISSUER = os.environ.get("OIDC_ISSUER", "")

TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
LANGUAGE_CODE = os.environ.get("LANGUAGE_CODE", "en-us")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = None

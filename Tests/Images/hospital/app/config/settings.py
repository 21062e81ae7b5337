"""A small hospital application: what it reads, stores and answers is what the real one does, as far as tests need it.

APP_VERSION, set by the image, decides what there is: "1"; "2", with a table more; "harm", whose migrations damage the
data and then fail.
"""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
APP_VERSION = os.environ.get("APP_VERSION", "1")

SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    raise ValueError("SECRET_KEY is not set")
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("DJANGO_CSRF_TRUSTED_ORIGINS", "").split(",") if origin]
DEBUG = False

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

TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
LANGUAGE_CODE = os.environ.get("LANGUAGE_CODE", "en-us")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = None

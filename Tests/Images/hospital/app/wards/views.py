from pathlib import Path

from django.conf import settings
from django.db import connection
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.utils._os import safe_join
from django.views.decorators.csrf import csrf_exempt

from .models import Document, JobRun, Patient


def text(words):
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


def home(request):
    return text(f"{settings.HOSPITAL_NAME}, version {settings.APP_VERSION}\n")


def health(request):
    """Like the original's: does not touch the database, and so proves little."""
    return text("OK")


def database_health(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return text("OK")


def version(request):
    return text(f"{settings.APP_VERSION}\n")


def read(request):
    """What it has read of its environment, secrets aside. The real application shows it here and there."""
    names = (
        "ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE DEBUG HOSPITAL "
        "HOSPITAL_PDF_FORMS_ENABLED PDF_FORMS EMAIL_BACKEND EMAIL_HOST EMAIL_PORT EMAIL_USE_TLS EMAIL_HOST_USER "
        "DEFAULT_FROM_EMAIL ACCOUNT_EMAIL_VERIFICATION OIDC_ISSUER TIME_ZONE LANGUAGE_CODE"
    )
    values = {name: getattr(settings, name) for name in names.split()}
    values["HAS_EMAIL_PASSWORD"] = settings.EMAIL_HOST_PASSWORD != ""
    return JsonResponse(values)


@csrf_exempt
def patients(request):
    """POST with `name` adds one; the answer is all names."""
    if request.method == "POST":
        Patient.objects.create(name=request.POST["name"])
    return JsonResponse(list(Patient.objects.order_by("id").values_list("name", flat=True)), safe=False)


def jobs(request):
    return JsonResponse(list(JobRun.objects.order_by("id").values_list("job", flat=True)), safe=False)


@csrf_exempt
def upload(request):
    """POST with `file` stores it below /app/media; the answer is its address."""
    document = Document.objects.create(file=request.FILES["file"])
    return text(f"{document.file.url}\n")


def media(request, name):
    file = Path(safe_join(settings.MEDIA_ROOT, name))
    if not file.is_file():
        raise Http404
    return FileResponse(file.open("rb"))

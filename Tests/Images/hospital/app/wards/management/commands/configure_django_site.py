from django.conf import settings
from django.contrib.sites.models import Site
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Writes domain and name of the site into the database."

    def handle(self, *arguments, **options):
        values = {"domain": settings.SITE_DOMAIN, "name": settings.SITE_NAME[:50]}
        Site.objects.update_or_create(id=settings.SITE_ID, defaults=values)

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Makes the groups of the staff; those that exist stay."

    def handle(self, *arguments, **options):
        for name in ["Doctors", "Residents", "Nurses", "Physiotherapists", "Students"]:
            Group.objects.get_or_create(name=name)

from django.db import models


class Patient(models.Model):
    name = models.CharField(max_length=200)


class Document(models.Model):
    """An upload; the file itself lies in /app/media."""

    file = models.FileField(upload_to="documents/")


class JobRun(models.Model):
    """One run of one of the scheduled jobs."""

    job = models.CharField(max_length=100)
    at = models.DateTimeField(auto_now_add=True)

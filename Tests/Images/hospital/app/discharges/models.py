from django.db import models


class Discharge(models.Model):
    patient = models.ForeignKey("wards.Patient", on_delete=models.CASCADE)

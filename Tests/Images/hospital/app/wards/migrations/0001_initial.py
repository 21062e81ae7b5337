from django.db import migrations, models


def key():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Patient", [key(), ("name", models.CharField(max_length=200))]),
        migrations.CreateModel("Document", [key(), ("file", models.FileField(upload_to="documents/"))]),
        migrations.CreateModel(
            "JobRun",
            [key(), ("job", models.CharField(max_length=100)), ("at", models.DateTimeField(auto_now_add=True))],
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("wards", "0001_initial")]
    operations = [
        migrations.CreateModel(
            "Discharge",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("patient", models.ForeignKey(on_delete=models.CASCADE, to="wards.patient")),
            ],
        )
    ]

from django.db import migrations


class Migration(migrations.Migration):
    """Damages the data, for good as far as the database knows: the next one fails in a transaction of its own."""

    dependencies = [("wards", "0001_initial")]
    operations = [migrations.RunSQL("UPDATE wards_patient SET name = 'lost'")]

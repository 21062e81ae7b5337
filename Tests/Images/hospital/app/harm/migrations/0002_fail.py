from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("harm", "0001_damage")]
    operations = [migrations.RunSQL("SELECT 1 / 0")]

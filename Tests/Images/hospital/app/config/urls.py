from django.urls import path

from wards import views

urlpatterns = [
    path("", views.home),
    path("health/", views.health),
    path("health/database/", views.database_health),
    path("version/", views.version),
    path("read/", views.read),
    path("patients/", views.patients),
    path("jobs/", views.jobs),
    path("upload/", views.upload),
    path("media/<path:name>", views.media),
]

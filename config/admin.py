"""The admin, at the doors of config/admin_site.py. Read before there are models."""

from django.contrib.admin import apps as admin_apps


class AdminConfig(admin_apps.AdminConfig):
    default = False  # named in INSTALLED_APPS, not found
    default_site = "config.admin_site.DirectorsSite"

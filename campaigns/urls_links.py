"""Addresses of tracking links."""

from django.urls import path

from campaigns.links import views

urlpatterns = [
    path("go/<slug:slug>", views.go, name="go"),
    path("campaigns/<int:pk>/links/", views.links, name="links"),
    path("campaigns/<int:pk>/links/add/", views.link_add, name="link_add"),
    path("campaigns/<int:pk>/links/several/", views.links_add, name="links_add"),
    path("links/<int:pk>/", views.link, name="link"),
    path("links/<int:pk>/code.svg", views.link_code, name="link_code"),
    path("settings/links/", views.link_rules, name="link_rules"),
]

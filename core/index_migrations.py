"""Migrations that take indexes away without writing a table anew.

Django's own `AlterField` copies the whole table on SQLite, also where nothing but the index of a column changes.
"""

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class AlterIndexOfField(migrations.AlterField):
    """The column stays, its own index goes, which takes moments; back again it is made from what is stored."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        before, after = (state.apps.get_model(app_label, self.model_name) for state in (from_state, to_state))
        if not self.allow_migrate_model(schema_editor.connection.alias, after):
            return
        field = after._meta.get_field(self.name)
        if field.db_index:
            _make_index(schema_editor, after, field)
        else:
            _drop_index(schema_editor, before, field)


def _make_index(schema_editor: Any, table: type[models.Model], field: Any) -> None:
    for statement in schema_editor._field_indexes_sql(table, field):
        schema_editor.execute(statement)


def _drop_index(schema_editor: Any, table: type[models.Model], field: Any) -> None:
    """Its index, and on PostgreSQL the one for the beginnings of texts; not those that the model declares."""
    declared = {index.name for index in table._meta.indexes}
    names = schema_editor._constraint_names(
        table, [field.column], index=True, unique=False, type_=models.Index.suffix, exclude=declared
    )
    for name in names:
        schema_editor.execute(schema_editor._delete_index_sql(table, name))


def drop_indexes_of_beginnings(app_label: str, *names: str) -> migrations.RunPython:
    """Of unique texts, on PostgreSQL: nothing asks with `LIKE 'a%'`, and each row that is written keeps them up.

    Those of all models, or of the ones that are named.
    """

    def drop(apps: Any, schema_editor: Any) -> None:
        for table, field, _statement in _indexes_of_beginnings(apps, schema_editor):
            name = schema_editor._create_index_name(table._meta.db_table, [field.column], suffix="_like")
            schema_editor.execute(schema_editor._delete_index_sql(table, name))

    def make(apps: Any, schema_editor: Any) -> None:
        for _table, _field, statement in _indexes_of_beginnings(apps, schema_editor):
            schema_editor.execute(statement)

    def _indexes_of_beginnings(apps: Any, schema_editor: Any) -> list[tuple[Any, Any, Any]]:
        if schema_editor.connection.vendor != "postgresql":
            return []
        named = [apps.get_model(app_label, name) for name in names]
        tables = named or apps.get_app_config(app_label).get_models()
        fields = ((table, field) for table in tables for field in table._meta.local_fields)
        each = ((table, field, schema_editor._create_like_index_sql(table, field)) for table, field in fields)
        return [(table, field, statement) for table, field, statement in each if statement]

    return migrations.RunPython(drop, make)

"""Run by Alembic with the connection that models.migrate hands over."""

from alembic import context

from models.columns import render_item
from models.intake import INTAKE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=INTAKE,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()

"""Run by Alembic with the connection that models.migrate hands over."""

from alembic import context
from sqlmodel import SQLModel

from models import tables
from models.columns import render_item

assert tables.__all__

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()

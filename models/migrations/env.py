"""Run by Alembic with the connection that models.migrate hands over."""

from alembic import context
from sqlmodel import SQLModel

from models import tables

assert tables.__all__

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

"""Run by Alembic with the connection that models.migrate hands over."""

from alembic import context

from models.intake import INTAKE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=INTAKE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

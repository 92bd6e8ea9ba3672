"""What a database can be refused for, named without loading what opens one."""


class NewerSchema(Exception):
    """A database, or a backup of one, of a later version than this program."""

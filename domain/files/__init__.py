"""What every file that an organisation writes is read with."""

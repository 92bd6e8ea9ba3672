"""What the operator needs: doctor, metrics, key rotation."""

"""What every feature of the staff bot uses: who writes, replies, navigation, the menu."""

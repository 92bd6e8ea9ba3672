"""Who is who: people, posts, invitations, and what each may reach."""

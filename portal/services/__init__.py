"""What people do: one verb per act, no request. Reads stay inside the actor's place."""

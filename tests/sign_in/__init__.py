"""How staff sign in, and stay signed in, and are asked again."""

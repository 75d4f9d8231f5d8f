"""The local stack: tools installed, engine started, template deployed, sample data fed, and the same for tests."""

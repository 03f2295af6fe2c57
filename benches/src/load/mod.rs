//! The load generator: people by the thousand for a running server.

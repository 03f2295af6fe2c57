//! chatter-store-sqlite

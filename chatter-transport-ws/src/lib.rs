//! chatter-transport-ws

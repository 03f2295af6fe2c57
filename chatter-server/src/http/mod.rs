//! HTTP: the accept loop, the routes and what every answer carries.

mod answer;
mod assets;
mod listener;
mod origin;
mod routes;
#[cfg(test)]
mod tests;

pub(crate) use listener::{Limits, Listener};
pub(crate) use origin::Origins;
pub(crate) use routes::Site;

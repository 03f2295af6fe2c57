//! The live protocol: one set of types for every transport. `docs/protocol.md` is the guide for people
//! who write clients.
//!
//! Frames from clients are one enum, [`ClientFrame`]; frames to clients are two, [`CustomerFrame`] and
//! [`StaffFrame`], so that what staff alone may see cannot be written to a customer: there is no field
//! for it.

mod chat_view;
mod client;
mod customer;
mod desk_view;
mod explain;
mod framed;
mod parse;
#[cfg(feature = "schema")]
pub mod schema;
mod staff;
mod view;
mod work;

pub use chat_view::{CustomerChat, EndView, PartyState, PlaceView, StaffChat};
pub use client::{ClientFrame, Command, Hello, JoinQueue, Role, SendMessage, TransferTo};
pub use customer::CustomerFrame;
pub use desk_view::{AgentView, AgentsOnline, Availability, CategoryAgents, CategoryView, LimitsView};
pub use explain::{AgentExplanation, Candidate, ChatExplanation, LineView, LoadView, WhyIdle, WhyWaiting};
pub use framed::Framed;
pub use parse::{Parsed, parse};
pub use staff::StaffFrame;
pub use view::{
    AuthorView, CustomerBody, CustomerEntry, CustomerLine, NotRecovered, Recovery, StaffAuthor, StaffBody, StaffEntry,
};
pub use work::{ColleagueView, OfferOutcome, OfferView, TeamChat, TeamMemberView, TypingView, ViewerView, WaitingView};

/// The version of the protocol that this build speaks. A `hello` with another one is refused.
pub const PROTOCOL: u32 = 1;

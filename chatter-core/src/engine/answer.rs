//! Answers as frames.

use crate::desk::{Accepted, Opened, Reply};
use crate::engine::envelope::Answered;
use crate::protocol::{CustomerFrame, LimitsView, PROTOCOL, StaffFrame};
use crate::{ClientMsgId, DeskId, HistoryId, PublicSeq, Refusal};

/// What every `ready` frame tells of the server.
#[derive(Clone, Debug)]
pub(crate) struct Greeting {
    pub(crate) desk: DeskId,
    pub(crate) history: HistoryId,
    pub(crate) limits: LimitsView,
}

pub(crate) fn customer_ready(
    opened: &Opened,
    greeting: &Greeting,
    reference: Option<String>,
    visitor_token: Option<String>,
) -> Option<CustomerFrame> {
    let Opened::Customer { now, customer, categories, chats } = opened else { return None };
    Some(CustomerFrame::Ready {
        reference,
        protocol: PROTOCOL,
        desk: greeting.desk.clone(),
        history: greeting.history,
        customer: *customer,
        now: *now,
        visitor_token,
        limits: greeting.limits,
        categories: categories.clone(),
        chats: chats.clone(),
    })
}

pub(crate) fn staff_ready(
    opened: &Opened,
    greeting: &Greeting,
    reference: Option<String>,
    agent_token: Option<String>,
) -> Option<StaffFrame> {
    let Opened::Agent { now, categories, agent, chats, agents, permissions, offers, team_chats } = opened else {
        return None;
    };
    Some(StaffFrame::Ready {
        reference,
        protocol: PROTOCOL,
        desk: greeting.desk.clone(),
        history: greeting.history,
        agent: agent.clone(),
        now: *now,
        agent_token,
        limits: greeting.limits,
        categories: categories.clone(),
        chats: chats.clone(),
        agents: agents.clone(),
        permissions: *permissions,
        offers: offers.clone(),
        team_chats: team_chats.clone(),
    })
}

pub(crate) fn customer_answer(
    answer: Answered,
    reference: Option<String>,
    client_msg_id: Option<ClientMsgId>,
) -> CustomerFrame {
    match answer {
        Ok(Reply::Accepted(Accepted { chat, client_msg_id, public_seq, at, duplicate, conflict, .. })) => {
            // Customers cannot write notes, so what they wrote has a public number.
            let public_seq = public_seq.unwrap_or(PublicSeq(0));
            CustomerFrame::Accepted { reference, chat, client_msg_id, public_seq, at, duplicate, conflict }
        }
        Ok(Reply::Place { chat, place }) => CustomerFrame::Place { reference, chat, place },
        Ok(Reply::Queued { chat, existing, place }) => {
            CustomerFrame::Queued { reference, chat: *chat, existing, place, queue_token: None }
        }
        Ok(
            Reply::Done
            | Reply::Opened(_)
            | Reply::Started { .. }
            | Reply::Subscribed(_)
            | Reply::MayRead { .. }
            | Reply::TeamChat(_)
            | Reply::Queue { .. }
            | Reply::Team(_)
            | Reply::ChatExplained(_)
            | Reply::AgentExplained(_)
            | Reply::Roster { .. },
        ) => CustomerFrame::Done { reference },
        Err(refusal) => customer_error(refusal, reference, client_msg_id),
    }
}

pub(crate) fn customer_error(
    refusal: Refusal,
    reference: Option<String>,
    client_msg_id: Option<ClientMsgId>,
) -> CustomerFrame {
    let refusal = refusal.for_customer();
    let message = refusal.to_string();
    CustomerFrame::Error { reference, client_msg_id, refusal, message }
}

pub(crate) fn staff_answer(
    answer: Answered,
    reference: Option<String>,
    client_msg_id: Option<ClientMsgId>,
) -> StaffFrame {
    match answer {
        Ok(Reply::Accepted(Accepted { chat, client_msg_id, seq, public_seq, at, duplicate, conflict })) => {
            StaffFrame::Accepted { reference, chat, client_msg_id, seq, public_seq, at, duplicate, conflict }
        }
        Ok(Reply::TeamChat(team_chat)) => StaffFrame::TeamChat { reference, team_chat: *team_chat },
        Ok(Reply::Queue { category, waiting, chats }) => StaffFrame::Queue { reference, category, waiting, chats },
        Ok(Reply::Team(agents)) => StaffFrame::Team { reference, agents },
        Ok(Reply::ChatExplained(explanation)) => StaffFrame::ChatExplained { reference, explanation },
        Ok(Reply::AgentExplained(explanation)) => StaffFrame::AgentExplained { reference, explanation },
        Ok(
            Reply::Done
            | Reply::Opened(_)
            | Reply::Queued { .. }
            | Reply::Place { .. }
            | Reply::Started { .. }
            | Reply::Subscribed(_)
            | Reply::MayRead { .. }
            | Reply::Roster { .. },
        ) => StaffFrame::Done { reference },
        Err(refusal) => staff_error(refusal, reference, client_msg_id),
    }
}

pub(crate) fn staff_error(
    refusal: Refusal,
    reference: Option<String>,
    client_msg_id: Option<ClientMsgId>,
) -> StaffFrame {
    let message = refusal.to_string();
    StaffFrame::Error { reference, client_msg_id, refusal, message }
}

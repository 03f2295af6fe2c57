use std::net::IpAddr;

use chatter_core::protocol::Role;
use chatter_core::session::{Credential, Denied, Gatekeeper as _, Identity};
use chatter_core::{AgentId, ChatId, CustomerId, DeskId, Name, Permissions, Principal};

use super::{Accounts, Exchange, Gate, Tokens};
use crate::config::Agent;
use crate::secret::Secret;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn agent(id: u64, username: &str, password: &str) -> Agent {
    Agent {
        id: AgentId(id),
        username: username.to_owned(),
        password: Secret::new(password),
        name: Name::new(username).unwrap(),
        max_chats: 2,
        categories: None,
        permissions: Permissions::NONE,
    }
}

fn gate(agents: &[Agent]) -> Gate {
    let secret = Secret::new(SECRET);
    Gate::new(Tokens::new(DeskId::default(), &secret, None), Accounts::new(agents, &secret), 3)
}

fn ada() -> Gate {
    gate(&[agent(1, "ada", "ada's password"), agent(2, "bob", "bob's password")])
}

async fn sign_in(gate: &Gate, username: &str, password: &str) -> Result<Identity, Denied> {
    sign_in_from(gate, username, password, PEER).await
}

async fn sign_in_from(gate: &Gate, username: &str, password: &str, peer: IpAddr) -> Result<Identity, Denied> {
    let (username, password) = (username.to_owned(), password.to_owned());
    gate.authenticate(Credential::Password { username, password }, Some(peer)).await
}

async fn with_token(gate: &Gate, role: Role, token: &str) -> Result<Identity, Denied> {
    gate.authenticate(Credential::Token(role, token.to_owned()), Some(PEER)).await
}

#[tokio::test]
async fn a_newcomer_is_nobody_else_and_can_come_back() {
    let gate = ada();
    let first = gate.authenticate(Credential::Anonymous, Some(PEER)).await.unwrap();
    let second = gate.authenticate(Credential::Anonymous, Some(PEER)).await.unwrap();
    assert_ne!(first.principal, second.principal);
    let back = with_token(&gate, Role::Customer, &first.token.unwrap()).await.unwrap();
    assert_eq!(back, Identity::known(first.principal));
}

#[tokio::test]
async fn tokens_of_a_chat_name_that_chat_and_roles_are_not_mixed() {
    let gate = ada();
    let (customer, chat, name) = (CustomerId(5), ChatId(7), Name::new("Zoë").unwrap());
    let expected = Ok(Identity::known(Principal::Customer { customer, chat: Some(chat) }));
    for token in [gate.queue_token(customer, chat, &name), gate.customer_token(customer, chat, &name)] {
        let token = token.unwrap();
        assert_eq!(with_token(&gate, Role::Customer, &token).await, expected);
        assert_eq!(with_token(&gate, Role::Agent, &token).await, Err(Denied::Unauthorized));
    }
    let agent = sign_in(&gate, "ada", "ada's password").await.unwrap().token.unwrap();
    assert_eq!(with_token(&gate, Role::Customer, &agent).await, Err(Denied::Unauthorized));
    assert_eq!(with_token(&gate, Role::Agent, &agent).await, Ok(Identity::known(Principal::agent(AgentId(1)))));
}

#[tokio::test]
async fn only_the_right_password_signs_in_and_nothing_tells_who_exists() {
    let gate = ada();
    let right = sign_in(&gate, "Ada", "ada's password").await.unwrap();
    assert_eq!(right.principal, Principal::agent(AgentId(1)));
    let long = "x".repeat(1_000);
    for (username, password) in
        [("ada", "bob's password"), ("ada", ""), ("eve", "ada's password"), ("", ""), (&long, "x"), ("nobody", "")]
    {
        assert_eq!(sign_in(&gate, username, password).await, Err(Denied::Unauthorized), "{username}");
    }
}

#[tokio::test]
async fn failed_sign_ins_are_throttled_by_address_and_by_user_name_alike_for_unknown_ones() {
    for username in ["ada", "eve"] {
        let gate = ada();
        let peer = |n: u8| IpAddr::from([192, 0, 2, n]);
        for n in 0..11 {
            assert_eq!(sign_in_from(&gate, username, "wrong", peer(n)).await, Err(Denied::Unauthorized));
        }
        let refused = sign_in_from(&gate, username, "ada's password", peer(99)).await;
        assert!(matches!(refused, Err(Denied::TooMany { retry_after_ms: 1..=6_001 })), "{refused:?}");
        assert!(sign_in_from(&gate, "bob", "bob's password", peer(99)).await.is_ok(), "another user name is free");
    }
    let gate = ada();
    for n in 0..11 {
        assert_eq!(sign_in(&gate, &format!("user{n}"), "wrong").await, Err(Denied::Unauthorized));
    }
    let refused = sign_in(&gate, "bob", "bob's password").await;
    assert!(matches!(refused, Err(Denied::TooMany { .. })), "{refused:?}");
    assert!(sign_in_from(&gate, "bob", "bob's password", IpAddr::from([192, 0, 2, 77])).await.is_ok());
}

#[tokio::test]
async fn right_passwords_are_never_throttled() {
    let gate = ada();
    for _ in 0..100 {
        assert!(sign_in(&gate, "ada", "ada's password").await.is_ok());
    }
}

#[tokio::test]
async fn an_agents_token_ends_with_the_account_and_with_the_password() {
    let token = sign_in(&ada(), "ada", "ada's password").await.unwrap().token.unwrap();
    assert!(with_token(&ada(), Role::Agent, &token).await.is_ok(), "it outlives a restart");
    for others in [vec![agent(2, "bob", "bob's password")], vec![agent(1, "ada", "a new password")]] {
        assert_eq!(with_token(&gate(&others), Role::Agent, &token).await, Err(Denied::Unauthorized));
    }
}

#[tokio::test]
async fn a_ticket_takes_the_role_of_its_token_and_is_good_once() {
    let gate = ada();
    let customer = gate.authenticate(Credential::Anonymous, None).await.unwrap();
    let agent = sign_in(&gate, "ada", "ada's password").await.unwrap();
    for identity in [customer, agent] {
        let Exchange::Ticket(ticket) = gate.exchange(&identity.token.unwrap()) else { panic!("a ticket") };
        let used = gate.authenticate(Credential::Ticket(ticket.clone()), None).await;
        assert_eq!(used, Ok(Identity::known(identity.principal)));
        let again = gate.authenticate(Credential::Ticket(ticket), None).await;
        assert_eq!(again, Err(Denied::Unauthorized));
    }
    assert_eq!(gate.exchange("x.y.z"), Exchange::Unauthorized);
}

#[tokio::test]
async fn joins_are_limited_per_address() {
    let gate = ada();
    for _ in 0..3 {
        assert_eq!(gate.admit_join(Some(PEER)), Ok(()));
    }
    assert!(matches!(gate.admit_join(Some(PEER)), Err(Denied::TooMany { .. })));
    assert_eq!(gate.admit_join(Some(IpAddr::from([192, 0, 2, 2]))), Ok(()));
    gate.sweep();
    assert!(gate.admit_join(Some(PEER)).is_err(), "sweeping does not let anybody in early");
}

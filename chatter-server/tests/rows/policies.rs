//! The policies through the configuration (B16).

use chatter_core::policy::NAMES;
use serde_json::{Value, json};

use crate::stage::{ADA, BILLING, BOB, CLEO, DORA, EVE, FAST, FAY, GENERAL, Person, SALES, Stage, agent, category};

const TECHNICAL: u64 = 4;

/// What the seven choose between: the line of Technical is dear, Ada has the fewest chats, Bob the smallest share of
/// his limit in use, Cleo was given hers longest ago, Dan serves one category. Between Eve, given hers longest ago,
/// and Fay, who has none, only being given one longest ago speaks for Eve.
fn scene(policy: &str) -> (String, [String; 6]) {
    let dear = category("Technical", "cost = 1000\nhandle_time = '1s'");
    let categories = [category("General", ""), category("Sales", ""), category("Billing", ""), dear].concat();
    let agents = [
        agent(ADA, 2, "categories = ['Sales', 'General']\npermissions = ['assign']"),
        agent(BOB, 10, "categories = ['Sales', 'General']"),
        agent(CLEO, 3, "categories = ['Sales', 'General']"),
        agent(DORA, 3, "categories = ['Sales']"),
        agent(EVE, 9, "categories = ['General', 'Billing', 'Technical']"),
        agent(FAY, 9, "categories = ['General', 'Billing', 'Technical']"),
    ];
    (format!("policy = '{policy}'\n{FAST}{categories}"), agents)
}

/// Somebody who is away and takes so many waiting chats of a category by hand.
async fn holding(stage: &Stage, name: &str, chats: usize, category: u64) -> (Person, Vec<(Person, u64)>) {
    let mut person = stage.agent(name).await;
    person.state("away").await;
    let mut held = Vec::new();
    for _ in 0..chats {
        let (customer, chat) = stage.joined("Sam", category).await;
        person.get("done", json!({ "type": "assign_chat", "chat": chat })).await;
        held.push((customer, chat));
    }
    (person, held)
}

/// The last chat that was given away: which, to whom, by what policy.
fn given(stage: &Stage, chat: u64) -> (u64, Value) {
    let events = stage.file().events("chat_assigned");
    let event = events.iter().find(|event| event["chat"] == chat).expect("it was assigned");
    (event["agent"].as_u64().unwrap(), event["choice"]["policy"].clone())
}

/// Which of three waiting chats a freed agent takes first, who takes a newcomer in Sales, and who one in Billing.
async fn choices(policy: &str) -> (u64, u64, u64) {
    let (settings, agents) = scene(policy);
    let stage = Stage::new(&settings, &agents).await;
    let (mut ada, one) = holding(&stage, "Ada", 0, SALES).await;
    let mut waiting = Vec::new();
    for category in [GENERAL, GENERAL, TECHNICAL] {
        waiting.push(stage.joined("Tom", category).await);
    }
    ada.get("done", json!({ "type": "set_priority", "chat": waiting[1].1, "priority": "urgent" })).await;
    let mut eve = stage.online("Eve").await;
    for (customer, chat) in &mut waiting {
        customer.sees(*chat, "in_progress").await;
    }
    let served = stage.file().events("chat_assigned")[0]["chat"].as_u64().unwrap();

    eve.state("away").await;
    let (mut fay, hers) = holding(&stage, "Fay", 1, BILLING).await;
    fay.end(hers[0].1).await;
    let (mut cleo, three) = holding(&stage, "Cleo", 2, SALES).await;
    let (mut bob, two) = holding(&stage, "Bob", 2, SALES).await;
    let (_, chat) = stage.joined("Sam", SALES).await;
    ada.get("done", json!({ "type": "assign_chat", "chat": chat })).await;
    let (mut dan, four) = holding(&stage, "Dora", 2, SALES).await;
    for person in [&mut ada, &mut bob, &mut cleo, &mut dan, &mut eve, &mut fay] {
        person.state("online").await;
    }
    let (mut newcomer, in_sales) = stage.joined("Uma", SALES).await;
    newcomer.sees(in_sales, "in_progress").await;
    let (mut another, in_billing) = stage.joined("Vic", BILLING).await;
    another.sees(in_billing, "in_progress").await;
    let ((first, named), (second, _)) = (given(&stage, in_sales), given(&stage, in_billing));
    assert_eq!(named, policy);
    drop((one, two, three, four));
    (served, first, second)
}

#[tokio::test]
async fn b16_seven_policies_choose_in_seven_ways() {
    let chosen = futures_util::future::join_all(NAMES.into_iter().map(choices)).await;
    let chosen: Vec<_> = NAMES.into_iter().zip(chosen).collect();
    // Waiting are 1 in General, then 2, urgent, then 3 in the dear Technical.
    let expected = [
        ("longest-wait", (1, ADA, FAY)),
        ("priority-ageing", (2, ADA, FAY)),
        ("least-loaded", (1, BOB, FAY)),
        ("longest-idle", (1, CLEO, FAY)),
        ("round-robin", (1, CLEO, EVE)),
        ("most-specialised-first", (1, DORA, FAY)),
        ("gc-mu", (3, ADA, FAY)),
    ];
    assert_eq!(chosen, expected);
}

#[tokio::test]
async fn b16_each_category_may_have_its_own() {
    let special = category("Sales", "policy = 'most-specialised-first'");
    let settings = format!("{FAST}{}{special}", category("General", ""));
    let agents = [agent(ADA, 5, "categories = ['Sales']"), agent(BOB, 5, "")];
    let stage = Stage::new(&settings, &agents).await;
    let (mut ada, held) = holding(&stage, "Ada", 1, SALES).await;
    let (_ada, _bob) = (ada.state("online").await, stage.online("Bob").await);
    let (mut sam, first) = stage.joined("Sam", SALES).await;
    sam.sees(first, "in_progress").await;
    assert_eq!(given(&stage, first), (ADA, json!("most-specialised-first")), "although Bob has none");
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    tom.sees(second, "in_progress").await;
    assert_eq!(given(&stage, second), (BOB, json!("longest-wait")));
    let kept = stage.file().rows("SELECT json_extract(settings, '$.policy') FROM categories ORDER BY category");
    assert_eq!(kept, json!([[null], ["most-specialised-first"]]));
    drop(held);
}

#[tokio::test]
async fn b16_swapped_while_chats_wait() {
    let stage = Stage::new(FAST, &[agent(ADA, 1, ""), agent(BOB, 1, "permissions = ['assign']")]).await;
    let mut bob = stage.agent("Bob").await;
    let (mut sam, first) = stage.joined("Sam", GENERAL).await;
    let (mut tom, second) = stage.joined("Tom", GENERAL).await;
    let (_uma, third) = stage.joined("Uma", GENERAL).await;
    bob.get("done", json!({ "type": "set_priority", "chat": second, "priority": "urgent" })).await;
    let place = async |person: &mut Person, chat: u64| {
        person.get("place", json!({ "type": "queue_status", "chat": chat })).await["place"].clone()
    };
    assert_eq!((place(&mut sam, first).await, place(&mut tom, second).await), (json!(1), json!(2)));
    bob.state("online").await;
    bob.sees(first, "in_progress").await;
    bob.state("offline").await;
    sam.sees(first, "open").await;
    let choices = |stage: &Stage| {
        let events = stage.file().events("chat_assigned");
        events.iter().map(|event| json!([event["chat"], event["choice"]["policy"]])).collect::<Vec<_>>()
    };
    assert_eq!(choices(&stage), [json!([first, "longest-wait"])]);
    let Stage { folder, server } = stage;
    assert_eq!(server.terminate().await.code, Some(0));

    let server = folder.start_with(&["--policy", "priority-ageing"]).await;
    let stage = Stage { folder, server };
    let (mut sam, mut tom) = (stage.again(&sam).await, stage.again(&tom).await);
    assert_eq!((place(&mut sam, first).await, place(&mut tom, second).await), (json!(2), json!(1)));
    let mut ada = stage.online("Ada").await;
    ada.sees(second, "in_progress").await;
    assert_eq!(choices(&stage), [json!([first, "longest-wait"]), json!([second, "priority-ageing"])]);
    assert_eq!(third, 3);
}

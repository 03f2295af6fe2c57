//! Queue limit, longest wait and hours of a category (B15).

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::stage::{ADA, BILLING, FAST, GENERAL, Person, SALES, Stage, agent, category};

fn join(category: u64) -> Value {
    json!({ "type": "join_queue", "name": "Sam", "category": category })
}

/// What a category was shown as on coming in.
fn shown(person: &Person, category: u64) -> Value {
    let categories = person.ready["categories"].as_array().unwrap();
    categories.iter().find(|view| view["category"] == category).unwrap()["availability"].clone()
}

/// Waits until the newest word about a category is this.
async fn told(person: &mut Person, category: u64, availability: &str) {
    let fits = |frame: &Value| {
        let views = frame["categories"].as_array().unwrap();
        views.iter().any(|view| view["category"] == category && view["availability"] == availability)
    };
    person.until("availability", fits).await;
}

#[tokio::test]
async fn b15_a_full_queue_refuses() {
    let categories = [category("General", ""), category("Sales", "queue_limit = 2")].concat();
    let stage = Stage::new(&format!("{FAST}{categories}"), &[agent(ADA, 1, "")]).await;
    let (mut sam, first) = stage.joined("Sam", SALES).await;
    let mut uma = stage.customer().await;
    assert_eq!((shown(&uma, GENERAL), shown(&uma, SALES)), (json!("away"), json!("away")));
    let (mut tom, second) = stage.joined("Tom", SALES).await;
    told(&mut uma, SALES, "full").await;
    assert_eq!(shown(&stage.customer().await, SALES), "full");
    let refusal = uma.refused("queue_full", join(SALES)).await;
    assert_eq!((&refusal["category"], &refusal["limit"]), (&json!(SALES), &json!(2)), "{refusal}");
    let again = tom.get("queued", join(SALES)).await;
    assert_eq!((&again["existing"], &again["chat"]["chat"]), (&json!(true), &json!(second)), "who waits is not new");
    let file = stage.file();
    assert_eq!(file.cell("SELECT count(*) FROM chats"), 2, "nothing of who was refused");
    assert_eq!(file.cell("SELECT json_extract(settings, '$.queue_limit') FROM categories WHERE category = 2"), 2);
    sam.end(first).await;
    told(&mut uma, SALES, "away").await;
    uma.get("queued", join(SALES)).await;
    sam.refused("queue_full", join(SALES)).await;
    assert_eq!(file.events("chat_opened").len(), 3);
}

#[tokio::test]
async fn b15_the_longest_wait_ends_the_chat() {
    let categories = [category("General", ""), category("Sales", "max_wait = '100ms'")].concat();
    let stage = Stage::new(&format!("{FAST}{categories}"), &[agent(ADA, 1, "")]).await;
    let (mut tom, other) = stage.joined("Tom", GENERAL).await;
    let (mut sam, chat) = stage.joined("Sam", SALES).await;
    let told = sam.sees(chat, "resolved").await;
    assert_eq!((&told["end"]["by"], &told["end"]["reason"]), (&json!("system"), &json!("waited_too_long")), "{told}");
    tom.settled().await;
    let file = stage.file();
    let ends = file.rows("SELECT status, ended_by, end_reason FROM chats ORDER BY chat");
    assert_eq!(ends, json!([["open", null, null], ["resolved", "system", "waited_too_long"]]));
    let waited = file.cell("SELECT ended_at - arrived_at FROM chats WHERE chat = 2").as_u64().unwrap();
    assert!(waited >= 100_000, "{waited} µs");
    assert_eq!(file.transcript(chat), json!([[1, 1, "system", "chat_ended"]]));
    assert_eq!(other, 1);
}

#[tokio::test]
async fn b15_closed_outside_the_hours() {
    const DAY: u64 = 24 * 60 * 60;
    // Days since a Thursday. Three days ahead, so that a midnight during the test changes nothing.
    let today = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() / DAY;
    let days = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"];
    let opens = today + 3;
    let name = days[usize::try_from(opens % 7).unwrap()];
    let soon = format!("[categories.hours]\nzone = 'UTC'\n{name} = ['09:00-17:00']");
    let always: String = days.iter().map(|day| format!("{day} = ['00:00-24:00']\n")).collect();
    let always = format!("[categories.hours]\nzone = 'Europe/Berlin'\n{always}");
    let categories = [category("General", ""), category("Sales", &soon), category("Billing", &always)].concat();
    let stage = Stage::new(&format!("{FAST}{categories}"), &[agent(ADA, 9, "")]).await;
    let mut sam = stage.customer().await;
    let closed = sam.ready["categories"][1].clone();
    let opens_at = (opens * DAY + 9 * 60 * 60) * 1_000_000;
    assert_eq!((&closed["availability"], &closed["opens_at"]), (&json!("closed"), &json!(opens_at)), "{closed}");
    assert_eq!((shown(&sam, GENERAL), shown(&sam, BILLING)), (json!("away"), json!("away")));
    let mut ada = stage.online("Ada").await;
    told(&mut sam, BILLING, "open").await;
    let refusal = sam.refused("category_closed", join(SALES)).await;
    assert_eq!((&refusal["category"], &refusal["opens_at"]), (&json!(SALES), &json!(opens_at)), "{refusal}");
    assert_eq!(shown(&stage.customer().await, SALES), "closed", "whoever is there");
    let chat = sam.join("Sam", BILLING).await["chat"]["chat"].as_u64().unwrap();
    ada.sees(chat, "in_progress").await;
    let transfer = json!({ "type": "transfer_chat", "chat": chat, "to_category": SALES });
    assert_eq!(ada.refused("category_closed", transfer).await["opens_at"], opens_at);
    let file = stage.file();
    assert_eq!(file.rows("SELECT category, status FROM chats"), json!([[BILLING, "in_progress"]]));
    let zone = "SELECT json_extract(settings, '$.hours.zone') FROM categories ORDER BY category";
    assert_eq!(file.rows(zone), json!([[null], ["UTC"], ["Europe/Berlin"]]));
    assert_eq!(file.cell("SELECT state FROM agents"), "online", "hours change nothing that an agent said");
}

#[tokio::test]
async fn b15_what_can_be_joined_is_pushed() {
    let stage = Stage::new(FAST, &[agent(ADA, 1, "categories = ['General']")]).await;
    let mut sam = stage.customer().await;
    let mut ada = stage.online("Ada").await;
    told(&mut sam, GENERAL, "open").await;
    let (mut tom, chat) = stage.joined("Tom", GENERAL).await;
    told(&mut sam, GENERAL, "queue").await;
    ada.state("away").await;
    told(&mut sam, GENERAL, "away").await;
    ada.state("online").await;
    told(&mut sam, GENERAL, "queue").await;
    ada.end(chat).await;
    told(&mut sam, GENERAL, "open").await;
    // Tom, whose chat is over, is told what he can join now.
    told(&mut tom, GENERAL, "open").await;
    sam.settled().await;
    let sales = |frame: &&Value| {
        let mut views = frame["categories"].as_array().into_iter().flatten();
        frame["type"] == "availability" && views.any(|view| view["category"] == SALES)
    };
    assert_eq!(sam.client.passed().iter().filter(sales).count(), 0, "only what changed is told");
}

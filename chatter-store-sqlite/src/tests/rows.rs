//! Rows that no desk writes, and that are kept all the same.

use std::sync::Arc;

use chatter_core::{Batch, ChatRecord, CustomerId, Rows, Store};

use super::{Owner, Place};

#[tokio::test]
async fn a_row_replaces_the_customer_too() {
    let place = Place::new();
    let mut owner = Owner::of(place.open()).await;
    let chat = owner.chat_with(2);
    owner.commit().await;
    let record = owner.store.chat(&owner.desk, chat).await.unwrap().unwrap();
    let other = ChatRecord { customer: CustomerId(!record.customer.0), episode: 9, ..record.clone() };
    let rows = Rows { chats: vec![other.clone()], ..Rows::default() };
    owner.try_commit(&Arc::new(Batch { rows, ..Batch::default() })).await.unwrap();

    assert_eq!(owner.store.chat(&owner.desk, chat).await.unwrap().as_ref(), Some(&other));
    assert_eq!(owner.store.last_agent(&owner.desk, other.customer).await.unwrap(), record.last_agent);
    assert_eq!(owner.store.last_agent(&owner.desk, record.customer).await.unwrap(), None);
}

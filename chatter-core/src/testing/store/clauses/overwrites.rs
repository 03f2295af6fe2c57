//! What was said is edited and deleted.

use super::super::observe::{CUSTOMER, STAFF};
use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{Audience, ChatId, Page, PageEnd, PublicSeq, Seq, Side};

pub(in super::super) async fn overwrites_replace_entries(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(18);
    let [chat, bystander] = [(); 2].map(|()| scribe.open_chat());
    let team = scribe.open_team_chat();
    for turn in 0..12 {
        scribe.message(chat, if turn % 2 == 0 { Side::Customer } else { Side::Staff });
        scribe.message(bystander, Side::Customer);
        match turn % 3 {
            0 => scribe.note(chat),
            1 => scribe.whisper(chat),
            _ => scribe.team_message(team),
        }
    }
    owner.commit(scribe.take()).await;
    let chats = [chat, bystander, team];

    // Every second one is edited, with others of its batch, and once more in the next.
    let said: Vec<Seq> = scribe.entries(chat).iter().map(|entry| entry.seq).collect();
    for _ in 0..2 {
        said.iter().step_by(2).for_each(|seq| scribe.edit_entry(chat, *seq));
        scribe.edit_entry(team, Seq(2));
        commit_and_compare(&mut owner, &mut scribe, &chats).await;
    }
    // Then deleted; one was never edited.
    said.iter().step_by(4).for_each(|seq| scribe.delete_entry(chat, *seq));
    scribe.delete_entry(chat, said[1]);
    scribe.delete_entry(team, Seq(2));
    commit_and_compare(&mut owner, &mut scribe, &chats).await;

    // Several changes of one entry in a batch, in their order, and of one that the batch brings itself.
    scribe.edit_entry(chat, said[3]);
    scribe.edit_entry(chat, said[3]);
    scribe.edit_entry(chat, said[5]);
    scribe.delete_entry(chat, said[5]);
    scribe.message(chat, Side::Customer);
    let newest = scribe.entries(chat).last().expect("it was just written").seq;
    scribe.edit_entry(chat, newest);
    scribe.note(chat);
    let newest = scribe.entries(chat).last().expect("it was just written").seq;
    scribe.delete_entry(chat, newest);
    commit_and_compare(&mut owner, &mut scribe, &chats).await;
}

async fn commit_and_compare(owner: &mut Owner, scribe: &mut Scribe, chats: &[ChatId]) {
    owner.commit(scribe.take()).await;
    compare(owner, scribe, chats).await;
}

/// Reads each entry in each way. Which of them a page holds is another clause's matter.
async fn compare(owner: &Owner, scribe: &Scribe, chats: &[ChatId]) {
    for chat in chats {
        let entries = scribe.entries(*chat);
        let mut pages = vec![STAFF, CUSTOMER];
        for entry in entries {
            pages.push(just(Audience::Staff { after: Seq(entry.seq.0 - 1), up_to: entry.seq }));
            if let Some(number) = entry.public_seq {
                pages.push(just(Audience::Customer { after: PublicSeq(number.0 - 1), up_to: number }));
            }
        }
        let mut read = 0;
        for page in pages {
            for entry in owner.store.entries(&owner.desk, *chat, page).await.expect("entries") {
                let expected = entries.iter().find(|expected| expected.seq == entry.seq);
                assert_eq!(Some(&entry), expected, "as it is now, in {page:?}");
                read += 1;
            }
        }
        assert!(read >= entries.len(), "the entries are there to be read");
    }
}

fn just(audience: Audience) -> Page {
    Page { audience, limit: 1, end: PageEnd::Newest }
}

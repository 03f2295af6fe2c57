//! Reading entries for a session: resuming, and older pages.

use std::collections::BTreeSet;

use super::Session;
use crate::desk::{Reply, Subscribed};
use crate::engine::link::Link;
use crate::protocol::{Command, CustomerEntry, CustomerFrame, NotRecovered, Recovery, StaffEntry, StaffFrame};
use crate::{Audience as Numbers, Body, ChatId, Entry, HistoryId, Page, PageEnd, PublicSeq, Refusal, Seq, StoreError};

/// The most entries that are given to catch up; who missed more gets the newest ones.
const MISSED_MAX: u64 = 500;
/// How many of the newest entries someone without a usable position gets.
const NEWEST: usize = 50;
/// The most older entries that are given at once.
const HISTORY_MAX: u32 = 200;
/// Entries that nobody asked for are read along when so many or fewer lie between two that are needed.
const BETWEEN_MAX: u64 = 32;
/// The most entries that are read at once to find those that are needed.
const RUN_MAX: u64 = 500;

/// What a subscription reads.
struct Plan {
    recovery: Recovery,
    after: u64,
    limit: usize,
}

impl Session {
    /// Begins or resumes a chat: precisely what was missed, then the state, then what came meanwhile.
    pub(super) async fn subscribe(
        &self,
        chat: ChatId,
        history: Option<HistoryId>,
        after: Option<u64>,
        reference: Option<String>,
    ) {
        let subscribed = match self.ask_holding(Command::Subscribe { chat, history, after }).await {
            Ok(Reply::Subscribed(subscribed)) => *subscribed,
            Ok(_) => return self.refuse(Refusal::Internal, reference, None),
            Err(refusal) => return self.refuse(refusal, reference, None),
        };
        let current = self.engine.shared().history;
        let up_to = match &subscribed {
            Subscribed::Customer { up_to, .. } => up_to.0,
            Subscribed::Staff { up_to, .. } | Subscribed::Team { up_to, .. } => up_to.0,
        };
        let plan = plan(current, history, after, up_to);
        let page = self.page(
            plan.after,
            up_to,
            plan.limit,
            if plan.recovery.recovered { PageEnd::Oldest } else { PageEnd::Newest },
        );
        let (entries, targets) = match self.read_with_targets(chat, page).await {
            Ok(both) => both,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "entries could not be read");
                // Without its page the subscription would have a hole: the client comes back and resumes.
                return self.link.close(crate::CloseReason::TryLater);
            }
        };
        let recovery = Some(plan.recovery);
        let handed = match (&self.link, subscribed) {
            (Link::Customer(pipe, _), Subscribed::Customer { up_to, chat: view }) => {
                let entries = entries.iter().filter_map(CustomerEntry::of).collect();
                let targets = targets.iter().filter_map(CustomerEntry::of).collect();
                let up_to = Some(up_to);
                let page = CustomerFrame::Page { reference, chat, history: current, recovery, entries, targets, up_to };
                pipe.unhold(chat, vec![page, CustomerFrame::Chat { chat: view }])
            }
            (Link::Staff(pipe), Subscribed::Staff { up_to, chat: view }) => {
                let entries = entries.iter().map(StaffEntry::from).collect();
                let targets = targets.iter().map(StaffEntry::from).collect();
                let up_to = Some(up_to);
                let page = StaffFrame::Page { reference, chat, history: current, recovery, entries, targets, up_to };
                pipe.unhold(chat, vec![page, StaffFrame::Chat { chat: *view }])
            }
            (Link::Staff(pipe), Subscribed::Team { up_to, team_chat }) => {
                let entries = entries.iter().map(StaffEntry::from).collect();
                let targets = targets.iter().map(StaffEntry::from).collect();
                let up_to = Some(up_to);
                let page = StaffFrame::Page { reference, chat, history: current, recovery, entries, targets, up_to };
                pipe.unhold(chat, vec![page, StaffFrame::TeamChat { reference: None, team_chat: *team_chat }])
            }
            (Link::Customer(..) | Link::Staff(_), _) => return self.refuse(Refusal::Internal, reference, None),
        };
        self.settle(handed);
    }

    /// Older entries. The store holds only what is durable, so nothing needs to wait.
    pub(super) async fn read_history(&self, chat: ChatId, before: u64, limit: u32, reference: Option<String>) {
        let command = Command::ReadHistory { chat, before, limit };
        if !(1..=HISTORY_MAX).contains(&limit) {
            let invalid = crate::Invalid::new("limit", "1 to 200");
            return self.refuse_in_turn(Refusal::Invalid(invalid), command, reference, None).await;
        }
        if let Err(refusal) = self.ask(command).await {
            return self.refuse(refusal, reference, None);
        }
        let page = self.page(0, before.saturating_sub(1), limit as usize, PageEnd::Newest);
        let Ok((entries, targets)) = self.read_with_targets(chat, page).await else {
            return self.refuse(Refusal::RetryLater { retry_after_ms: 1_000 }, reference, None);
        };
        let history = self.engine.shared().history;
        let handed = match &self.link {
            Link::Customer(pipe, _) => {
                let entries = entries.iter().filter_map(CustomerEntry::of).collect();
                let targets = targets.iter().filter_map(CustomerEntry::of).collect();
                let (recovery, up_to) = (None, None);
                pipe.deliver_one(CustomerFrame::Page { reference, chat, history, recovery, entries, targets, up_to })
            }
            Link::Staff(pipe) => {
                let entries = entries.iter().map(StaffEntry::from).collect();
                let targets = targets.iter().map(StaffEntry::from).collect();
                let (recovery, up_to) = (None, None);
                pipe.deliver_one(StaffFrame::Page { reference, chat, history, recovery, entries, targets, up_to })
            }
        };
        self.settle(handed);
    }

    const fn page(&self, after: u64, up_to: u64, limit: usize, end: PageEnd) -> Page {
        let audience = match self.link {
            Link::Customer(..) => Numbers::Customer { after: PublicSeq(after), up_to: PublicSeq(up_to) },
            Link::Staff(_) => Numbers::Staff { after: Seq(after), up_to: Seq(up_to) },
        };
        Page { audience, limit, end }
    }

    /// A page, and the present forms of the entries outside of it that it edits or deletes.
    async fn read_with_targets(&self, chat: ChatId, page: Page) -> Result<(Vec<Entry>, Vec<Entry>), StoreError> {
        let entries = self.read(chat, page).await?;
        let first = entries.first().map(|entry| entry.seq);
        let changed: BTreeSet<Seq> =
            entries.iter().filter_map(changed_entry).filter(|seq| Some(*seq) < first).collect();
        let mut targets = Vec::with_capacity(changed.len());
        for Run { first, last } in runs(&changed) {
            let after = Seq(first.0.saturating_sub(1));
            let limit = usize::try_from(last.0 - after.0).unwrap_or(usize::MAX);
            let audience = Numbers::Staff { after, up_to: last };
            let read = self.read(chat, Page { audience, limit, end: PageEnd::Oldest }).await?;
            targets.extend(read.into_iter().filter(|entry| changed.contains(&entry.seq)));
        }
        Ok((entries, targets))
    }

    async fn read(&self, chat: ChatId, page: Page) -> Result<Vec<Entry>, StoreError> {
        let shared = self.engine.shared();
        shared.store.entries(&shared.desk, chat, page).await
    }
}

/// Entries that are read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: Seq,
    last: Seq,
}

/// Entries that lie close together are read at once: what is edited is mostly what was written lately.
fn runs(needed: &BTreeSet<Seq>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for seq in needed {
        match runs.last_mut() {
            Some(run) if seq.0 - run.last.0 <= BETWEEN_MAX + 1 && seq.0 - run.first.0 < RUN_MAX => run.last = *seq,
            _ => runs.push(Run { first: *seq, last: *seq }),
        }
    }
    runs
}

const fn changed_entry(entry: &Entry) -> Option<Seq> {
    match entry.body {
        Body::Edit { target, .. } | Body::Deletion { target, .. } => Some(target),
        Body::Message { .. }
        | Body::Note { .. }
        | Body::Whisper { .. }
        | Body::System { .. }
        | Body::Deleted { .. } => None,
    }
}

/// What someone with this position has missed, or why that cannot be told.
fn plan(current: HistoryId, history: Option<HistoryId>, after: Option<u64>, up_to: u64) -> Plan {
    let newest =
        |reason| Plan { recovery: Recovery { recovered: false, reason: Some(reason) }, after: 0, limit: NEWEST };
    match (history, after) {
        (None, _) | (_, None) => newest(NotRecovered::NoPosition),
        (Some(history), Some(_)) if history != current => newest(NotRecovered::HistoryChanged),
        (Some(_), Some(after)) if after > up_to => newest(NotRecovered::AheadOfServer),
        (Some(_), Some(after)) if up_to - after > MISSED_MAX => newest(NotRecovered::TooMany),
        (Some(_), Some(after)) => {
            let recovery = Recovery { recovered: true, reason: None };
            Plan { recovery, after, limit: usize::try_from(up_to - after).unwrap_or(usize::MAX) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: HistoryId = HistoryId(7);

    fn check(
        history: Option<HistoryId>,
        after: Option<u64>,
        up_to: u64,
        expected: (bool, Option<NotRecovered>, u64, usize),
    ) {
        let plan = plan(NOW, history, after, up_to);
        assert_eq!((plan.recovery.recovered, plan.recovery.reason, plan.after, plan.limit), expected);
    }

    #[test]
    fn neighbours_are_read_at_once() {
        let of = |needed: &[u64]| -> Vec<(u64, u64)> {
            let needed = needed.iter().copied().map(Seq).collect();
            runs(&needed).iter().map(|run| (run.first.0, run.last.0)).collect()
        };
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[7]), [(7, 7)]);
        assert_eq!(of(&[1, 34, 68, 69]), [(1, 34), (68, 69)]);
        let many: Vec<_> = (1..=1_001).collect();
        assert_eq!(of(&many), [(1, 500), (501, 1_000), (1_001, 1_001)]);
    }

    #[test]
    fn recovery_table() {
        let fresh = |reason| (false, Some(reason), 0, NEWEST);
        check(Some(NOW), Some(0), 0, (true, None, 0, 0));
        check(Some(NOW), Some(3), 8, (true, None, 3, 5));
        check(Some(NOW), Some(8), 8, (true, None, 8, 0));
        check(Some(NOW), Some(9), 8, fresh(NotRecovered::AheadOfServer));
        check(Some(NOW), Some(0), MISSED_MAX, (true, None, 0, 500));
        check(Some(NOW), Some(0), MISSED_MAX + 1, fresh(NotRecovered::TooMany));
        check(Some(HistoryId(8)), Some(3), 8, fresh(NotRecovered::HistoryChanged));
        check(Some(NOW), None, 8, fresh(NotRecovered::NoPosition));
        check(None, Some(3), 8, fresh(NotRecovered::NoPosition));
        check(None, None, 0, fresh(NotRecovered::NoPosition));
    }
}

//! How far each side has got, in its own numbers and in those of the other.

use super::apply::UNREAD_MAX;
use super::{Action, Desk, Effect, Facts, Out, Reply, Stop, Words};
use crate::{ChatId, Fact, Principal, PublicSeq, Receipt, Receipts, Refusal, Seq, SessionId, Time};

/// How far a session says that its side has got.
#[derive(Clone, Copy)]
pub(super) struct Marks<'a> {
    pub(super) session: SessionId,
    pub(super) principal: &'a Principal,
    pub(super) chat: ChatId,
    pub(super) delivered: Option<u64>,
    pub(super) read: Option<u64>,
    pub(super) facts: Option<&'a Facts>,
}

impl Marks<'_> {
    /// A mark beyond the newest entry ends the connection: its client is out of step.
    pub(super) fn check(&self, last: u64, out: &mut Out) -> Result<(), Refusal> {
        let &Self { session, chat, delivered, read, .. } = self;
        if delivered.max(read).is_none_or(|mark| mark <= last) {
            return Ok(());
        }
        out.answer_here();
        out.effects.push(Effect::Close { session, reason: crate::CloseReason::ReceiptTooHigh });
        Err(Refusal::ReceiptTooHigh { chat, last })
    }
}

impl Desk {
    pub(super) fn receipt(&mut self, now: Time, marks: &Marks<'_>, out: &mut Out) -> Result<Reply, Stop> {
        let &Marks { principal, chat, delivered, read, facts, .. } = marks;
        // What somebody who only watches has seen says nothing of whoever has to answer.
        let record = &self.open_chat(principal, Action::Write, chat, facts)?.record;
        let (receipt, last, moved) = match principal {
            Principal::Customer { .. } => {
                let (marks, moved) = moved(record.customer_receipts, delivered.map(PublicSeq), read.map(PublicSeq));
                let receipt = Receipt::Customer { delivered: marks.delivered, read: marks.read };
                (receipt, record.last_public_seq.0, moved)
            }
            Principal::Agent { .. } => {
                let (marks, moved) = moved(record.staff_receipts, delivered.map(Seq), read.map(Seq));
                (Receipt::Staff { delivered: marks.delivered, read: marks.read }, record.last_seq.0, moved)
            }
        };
        marks.check(last, out)?;
        if moved {
            let shown = |desk: &Self| {
                let record = desk.state.chats.get(&chat).map(|chat| &chat.record);
                record.map(|record| (record.customer_receipts, record.staff_receipts_for_customer))
            };
            let before = shown(self);
            self.emit(now, Fact::ReceiptMoved { chat, receipt }, Words::None, out);
            if shown(self) == before {
                self.tell_staff_of_chat(chat, out);
            } else {
                self.tell_chat(chat, out);
            }
        }
        Ok(Reply::Done)
    }

    pub(super) fn apply_receipt(&mut self, chat: ChatId, receipt: Receipt, at: Time) {
        if let Receipt::Member { agent, delivered, read } = receipt {
            return self.apply_member_receipt(chat, agent, Receipts { delivered, read }, at);
        }
        self.change_chat_for_staff(chat, |record| match receipt {
            Receipt::Customer { delivered, read } => {
                record.customer_receipts = Receipts { delivered, read };
                record.updated_at = at;
                let (unread, last) = (&record.customer_unread, record.last_seq);
                let before = |mark: PublicSeq, old: Seq| {
                    translate(unread, |(_, public_seq)| *public_seq <= mark, |(seq, _)| Seq(seq.0 - 1), last, old)
                };
                let old = record.customer_receipts_for_staff;
                record.customer_receipts_for_staff =
                    Receipts { delivered: before(delivered, old.delivered), read: before(read, old.read) };
                record.customer_unread.retain(|(_, public_seq)| *public_seq > read);
            }
            // That is of conversations of agents, see above.
            Receipt::Member { .. } => {}
            Receipt::Staff { delivered, read } => {
                record.staff_receipts = Receipts { delivered, read };
                let (unread, last) = (&record.staff_unread, record.last_public_seq);
                let before = |mark: Seq, old: PublicSeq| {
                    translate(unread, |(seq, _)| *seq <= mark, |(_, public)| PublicSeq(public.0 - 1), last, old)
                };
                let old = record.staff_receipts_for_customer;
                let new = Receipts { delivered: before(delivered, old.delivered), read: before(read, old.read) };
                // Having read a note is not for the customer to know.
                if new != old {
                    record.staff_receipts_for_customer = new;
                    record.updated_at = at;
                }
                record.staff_unread.retain(|(seq, _)| *seq > read);
            }
        });
    }
}

/// New marks and whether they are higher than the old ones. Lower marks have no effect; what is read has
/// been delivered.
pub(super) fn moved<N: Ord + Copy>(old: Receipts<N>, delivered: Option<N>, read: Option<N>) -> (Receipts<N>, bool) {
    let read_mark = read.map_or(old.read, |read| read.max(old.read));
    let delivered_mark = delivered.map_or(old.delivered, |mark| mark.max(old.delivered)).max(read_mark);
    let marks = Receipts { delivered: delivered_mark, read: read_mark };
    (marks, marks.read > old.read || marks.delivered > old.delivered)
}

/// A mark of one side in the numbers of the other: just before the first message beyond it, or the newest
/// entry when there is none. Where the messages around the mark are not counted one by one any more, the
/// mark stays where it was: it may lag, it never claims too much.
fn translate<N: Ord>(
    unread: &[(Seq, PublicSeq)],
    reached: impl Fn(&(Seq, PublicSeq)) -> bool,
    before: impl Fn(&(Seq, PublicSeq)) -> N,
    last: N,
    old: N,
) -> N {
    let uncertain = unread.len() == UNREAD_MAX && !unread.first().is_some_and(&reached);
    let mark = match unread.iter().find(|numbers| !reached(numbers)) {
        _ if uncertain => return old,
        Some(first) => before(first),
        None => last,
    };
    mark.max(old)
}

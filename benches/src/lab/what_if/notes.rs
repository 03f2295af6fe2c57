//! What a record cannot know, said plainly.

use super::recorded::{Outcome, Recorded};
use crate::lab::metrics::seconds;
use crate::lab::random::Law;
use crate::lab::scenario::{Source, SourceKind};

impl Recorded {
    /// What the record holds, in a sentence.
    pub(super) fn about(&self) -> String {
        let served = self.episodes.iter().filter(|it| matches!(it.outcome, Outcome::Served { .. })).count();
        let left = self.episodes.iter().filter(|it| it.wait().1).count();
        format!(
            "{} waits from the store {}, {} of which ended with an agent and {} with the customer's leaving; {} agents \
             were online at some time. Days are days of UTC.",
            self.episodes.len(),
            self.name,
            served,
            left,
            self.agents.len()
        )
    }

    /// Where the figures of a replay come from.
    pub(super) fn sources(&self) -> Vec<Source> {
        let source = |figure: &str, kind, note: String| Source { figure: figure.to_owned(), kind, note };
        let mut sources = vec![
            source(
                "arrivals, categories, priorities, handling times, presence, limits",
                SourceKind::Measured,
                format!("the events of {}", self.name),
            ),
            source(
                "work of those who left",
                SourceKind::Assumed,
                "that of somebody of their category who was served, drawn anew in each replication".to_owned(),
            ),
        ];
        for (at, category) in self.categories.iter().enumerate() {
            sources.push(source(&format!("patience, {}", category.name), SourceKind::Derived, self.patience_note(at)));
            let first_reply = self.first_reply(at).mean();
            let note = format!("a law with the recorded mean of {first_reply:.3} s after the assignment");
            sources.push(source(&format!("first reply, {}", category.name), SourceKind::Derived, note));
        }
        sources
    }

    fn patience_note(&self, category: usize) -> String {
        let fit = self.patience(category);
        match fit.law {
            Law::Exponential { mean } => format!(
                "known of the {} who left; of the {} who were served first only that it was longer than their wait. What \
                 lay beyond is drawn from an exponential law with mean {mean:.1} s, fitted with censoring; its survival \
                 lies at most {:.3} from Kaplan and Meier's estimate",
                fit.left, fit.censored, fit.distance
            ),
            Law::Never
            | Law::Deterministic { .. }
            | Law::Lognormal { .. }
            | Law::Uniform { .. }
            | Law::Erlang { .. }
            | Law::Hyperexponential { .. } => {
                "nobody left in this record, so nobody leaves in the replay, however long they wait".to_owned()
            }
        }
    }

    /// Where the record does not name one policy of its own.
    fn policy_note(&self) -> Option<String> {
        match (self.policies.len(), self.policy()) {
            (1, _) => None,
            (_, None) => Some("No policy chose in this record; longest-wait stands for its own.".to_owned()),
            (_, Some(own)) => {
                let counts: Vec<String> = self.policies.iter().map(|(name, count)| format!("{name} {count}")).collect();
                let counts = counts.join(", ");
                Some(format!(
                    "Several policies chose in this record ({counts} times); {own} stands for the desk's own."
                ))
            }
        }
    }

    /// What a reader of a replay must keep in mind.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "This is a computation about what might have been, not an observation. The arrivals are those of the record \
             in every replication; only what it does not say differs between them. So the intervals cover what was \
             drawn, and not how another day would differ."
                .to_owned(),
            "A store does not know: whom a full queue or closed hours turned away; who left without a word (their chats \
             count as served); whether an online agent was connected; how chats of one agent slowed each other down \
             (handling times are kept as they were, however many chats an agent gets); the desk's timers and its policy's \
             settings, for which the defaults stand, without a limit for the first reply and without parking."
                .to_owned(),
        ];
        notes.extend(self.policy_note());
        let odd = &self.oddities;
        let counts = [
            (
                odd.requeued,
                "times a chat went back to the queue; the replay leaves it with the first agent, for as long as \
                            all had it together who did",
            ),
            (odd.transferred, "chats went from one agent to another; the replay leaves them with the first"),
            (odd.moved, "chats went to another category; the replay leaves them in the first"),
            (odd.by_hand, "chats were given to an agent by hand; the replay lets the policy choose"),
            (odd.parked, "times a chat of a silent customer was parked; in the replay it takes room all the time"),
            (odd.merged, "chats went on in another chat; they are left out"),
            (odd.reopened, "chats were reopened; each counts as an arrival of its own, and may go to another agent"),
            (odd.limits_changed, "times an agent's limits changed while online; the last ones stand throughout"),
            (odd.set_away, "times an agent was set away for missed offers; the replay lets agents miss by chance"),
        ];
        let told: Vec<String> =
            counts.iter().filter(|it| it.0 > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if !told.is_empty() {
            notes.push(format!("The replay is simpler than what happened: {}.", told.join("; ")));
        }
        if odd.gone > 0 {
            notes.push(format!(
                "{} chats were ended by the desk after their customer's connection had been gone for the customer grace. \
                 The customers are taken to have left {} s before, which the store does not know: --customer-grace says it.",
                odd.gone,
                seconds(self.customer_grace.into())
            ));
        }
        let open = self.episodes.iter().filter(|it| match it.outcome {
            Outcome::Served { ended, .. } => ended.is_none(),
            Outcome::TooLong { .. } | Outcome::Cut { .. } => true,
            Outcome::Left { .. } => false,
        });
        let open = open.count();
        if open > 0 {
            notes.push(format!(
                "{open} chats were open at the end of the record or ended by the desk while they waited: how long they \
                 would have gone on is drawn like that of the others."
            ));
        }
        let hours = seconds(u128::from(self.span.1 - self.span.0)) / 3_600.0;
        notes.push(format!(
            "The record spans {hours:.1} h; figures over time, such as the mean number waiting, are of whole days."
        ));
        notes
    }
}

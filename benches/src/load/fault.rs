//! Whether a turn counts: figures of a turn in which work went wrong say nothing of work done.

use super::converse::Talked;

impl Talked {
    /// What went wrong, if anything did: something was refused, ended, lost, came twice or out of order, or not all
    /// that was meant was sent and delivered. A closed loop may end with as much under way as it keeps under way.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let mut faults = Vec::new();
        if self.refused > 0 {
            let code = self.first_refusal.as_deref().unwrap_or("none");
            faults.push(format!("{} refused, {code} first", self.refused));
        }
        let counts = [
            (self.ended, "connections ended"),
            (self.lost, "acknowledged and lost"),
            (self.twice, "came twice"),
            (self.out_of_order, "came out of order"),
        ];
        faults.extend(counts.iter().filter(|it| it.0 > 0).map(|(count, what)| format!("{count} {what}")));
        if self.sent < self.meant {
            faults.push(format!("{} sent of {} meant", self.sent, self.meant));
        }
        if self.delivered == 0 {
            faults.push("nothing delivered".to_owned());
        } else if self.delivered.saturating_add(self.under_way) < self.sent {
            faults.push(format!("{} delivered of {} sent", self.delivered, self.sent));
        } else if self.per_second <= 0.0 {
            faults.push("nothing delivered while it was measured".to_owned());
        }
        (!faults.is_empty()).then(|| faults.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::Talked;

    fn open() -> Talked {
        Talked { meant: 100, sent: 100, acked: 100, delivered: 100, per_second: 50.0, ..Talked::default() }
    }

    fn closed() -> Talked {
        Talked { meant: 0, under_way: 8, delivered: 92, acked: 92, ..open() }
    }

    #[test]
    fn whole_turns_have_no_fault() {
        assert_eq!((open().fault(), closed().fault()), (None, None));
        assert_eq!(Talked { acked: 0, ..open() }.fault(), None, "a relay acknowledges nothing");
    }

    #[test]
    fn whatever_went_wrong_is_a_fault_and_is_named() {
        let code = Some("too_fast".to_owned());
        let cases = [
            (Talked { refused: 3, first_refusal: code, ..open() }, "3 refused, too_fast first"),
            (Talked { ended: 1, ..open() }, "1 connections ended"),
            (Talked { lost: 2, ..open() }, "2 acknowledged and lost"),
            (Talked { twice: 1, ..open() }, "1 came twice"),
            (Talked { out_of_order: 4, ..closed() }, "4 came out of order"),
            (Talked { sent: 99, delivered: 99, ..open() }, "99 sent of 100 meant"),
            (Talked { delivered: 99, ..open() }, "99 delivered of 100 sent"),
            (Talked { delivered: 91, ..closed() }, "91 delivered of 100 sent"),
            (Talked { delivered: 0, per_second: 0.0, ..closed() }, "nothing delivered"),
            (Talked { per_second: 0.0, ..closed() }, "nothing delivered while it was measured"),
            (
                Talked { ended: 1, sent: 40, delivered: 39, ..open() },
                "1 connections ended, 40 sent of 100 meant, 39 \
                                                                      delivered of 40 sent",
            ),
        ];
        for (talked, wanted) in cases {
            assert_eq!(talked.fault().as_deref(), Some(wanted), "{talked:?}");
        }
    }
}

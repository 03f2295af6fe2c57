//! The negative controls: each planted bug is found within a few seeds, and under a promise that it breaks.

use super::Plant;
use crate::judge::Promise;
use crate::world::run;

/// Within so many seeds a bug must be found.
const SEEDS: u64 = 12;

fn is_found(plant: Plant, promises: &[Promise]) {
    for seed in 1..=SEEDS {
        let report = run(seed, Some(plant));
        if let Some(broken) = report.broken {
            assert!(
                promises.contains(&broken.promise),
                "{plant:?} is found, with seed {seed}, as {broken}\n{}",
                report.trace
            );
            return;
        }
    }
    panic!("{plant:?} goes unnoticed in {SEEDS} seeds");
}

macro_rules! found {
    ($($name:ident: $plant:ident as $($promise:ident)|+;)*) => {
        $(
            #[test]
            fn $name() {
                is_found(Plant::$plant, &[$(Promise::$promise),+]);
            }
        )*
    };
}

found! {
    a_lost_commit: LostCommit as Durable;
    an_acknowledgement_before_the_write: EarlyAck as Durable;
    a_failed_write_that_stands: FailedAndStands as Healthy | Refused;
    forgotten_receipts: ForgottenReceipts as Receipts;
    a_forgotten_chat: ForgottenChat as Answers | Settles | Rules;
    forgotten_client_ids: ForgottenIds as Settles | Once;
    a_hole_in_a_page: HoleInPage as Resume;
    a_store_that_falls_silent: Silence as Settles;
    a_lost_entry: LostEntry as Live | Settles;
    a_lost_answer: LostAnswer as Live | Answers | Settles;
    a_doubled_frame: Doubled as Live | Answers;
    swapped_frames: Swapped as Live | Answers;
    held_frames_that_leak: HeldLeaks as Live | Resume | Answers;
    staff_numbers_for_customers: StaffNumbers as Live | Numbers;
    a_note_for_customers: LeakedNote as Secret;
    a_false_refusal: FalseRefusal as Refused;
    other_words: OtherWords as Numbers;
    falling_marks: FallingMarks as Receipts;
    lines_after_the_goodbye: LateGoodbye as Secret | Live | Answers;
    a_lost_overwrite: LostOverwrite as Numbers;
    another_edit: OtherEdit as Refused;
    old_words_in_pages: OldWords as Resume | Numbers;
    kept_words_of_a_deleted_line: KeptWords as Erased;
    stored_typing: StoredTyping as Ephemeral;
    an_edit_with_other_words: OtherTarget as Numbers;
    a_page_without_targets: NoTargets as Resume;
    endless_typing: EndlessTyping as Settles;
    typing_for_customers: LeakedTyping as Secret;
    a_false_refusal_of_an_edit: FalseRefusalOfEdit as Refused;
    a_strange_conversation: StrangeTeam as Secret;
    a_door_that_is_open_to_all: OpenDoor as Secret;
    a_torn_record: TornRecord as Replays;
}

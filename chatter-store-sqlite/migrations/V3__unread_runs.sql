-- From here on the unread numbers of chats are lists of runs, `[staff number, public number, count, step]`; a pair of
-- the versions before is a run of one, so rows stay as they are until they are written again. A program that knows
-- pairs only would take a file with runs for a damaged one, and so must refuse it by its version.

PRAGMA user_version = 3;

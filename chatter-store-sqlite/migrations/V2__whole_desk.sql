-- Offers, transfers, parking, merging, edits, and conversations of agents. Rows of version 1 say that none of it
-- has happened to them.

PRAGMA user_version = 2;

ALTER TABLE categories ADD COLUMN settings TEXT NOT NULL DEFAULT '{}'; -- how its chats are served, as JSON

ALTER TABLE agents ADD COLUMN last_released_at INTEGER NOT NULL DEFAULT 0;

-- The one kind there was.
ALTER TABLE chats DROP COLUMN kind;

-- From here on `agent` is who holds a chat in progress, or who is asked to take an open one.
ALTER TABLE chats ADD COLUMN joined      TEXT    NOT NULL DEFAULT '[]'; -- a JSON list of agents
ALTER TABLE chats ADD COLUMN transfer_to INTEGER;
ALTER TABLE chats ADD COLUMN parked      INTEGER NOT NULL DEFAULT 0 CHECK (parked IN (0, 1));
ALTER TABLE chats ADD COLUMN replied     INTEGER NOT NULL DEFAULT 0 CHECK (replied IN (0, 1));
ALTER TABLE chats ADD COLUMN overflow    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chats ADD COLUMN merged_into INTEGER;
ALTER TABLE chats ADD COLUMN merged_from TEXT    NOT NULL DEFAULT '[]'; -- a JSON list of chats

-- Whom a returning customer had: the chats of the customer, the newest from the end, and their rows tell the rest.
-- Nothing in it changes after a chat was opened, so it costs a page when a chat is opened and nothing afterwards.
CREATE INDEX chats_by_customer ON chats (customer);

-- A chat whose agent has written since they got it must not be taken from them for want of a first reply.
UPDATE chats SET replied = 1 WHERE status = 'in_progress' AND EXISTS (
    SELECT 1 FROM entries e
    WHERE e.chat = chats.chat AND e.kind = 'message' AND e.author_kind = 'agent' AND e.author = chats.agent
        AND e.seq > ifnull((
            SELECT max(j.seq) FROM entries j
            WHERE j.chat = chats.chat AND j.kind = 'system' AND json_extract(j.line, '$.code') = 'agent_joined'
        ), 0)
);

-- A deleted entry keeps its kind and has neither text, line nor target.
ALTER TABLE entries ADD COLUMN edited_at     INTEGER;
ALTER TABLE entries ADD COLUMN target        INTEGER; -- the entry that this one edits or deletes
ALTER TABLE entries ADD COLUMN public_target INTEGER; -- its public number

-- Conversations of agents. Their numbers are out of the same count as those of chats, their entries and client ids
-- lie beside those of chats.
CREATE TABLE team_chats (
    chat             INTEGER PRIMARY KEY,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    last_seq         INTEGER NOT NULL,
    last_message_seq INTEGER, -- its text lives in entries only
    client_ids       INTEGER NOT NULL
) STRICT;

CREATE TABLE team_members (
    chat      INTEGER NOT NULL REFERENCES team_chats (chat),
    agent     INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    read      INTEGER NOT NULL,
    unread    TEXT    NOT NULL, -- a JSON list of numbers
    PRIMARY KEY (chat, agent)
) STRICT, WITHOUT ROWID;

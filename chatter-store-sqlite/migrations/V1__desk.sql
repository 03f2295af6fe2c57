-- One file holds one desk. 128-bit ids are 16-byte blobs, most significant byte first; times are
-- microseconds since 1970; states and kinds are the names they have on the wire.

PRAGMA application_id = 0x43685472; -- "ChTr"
PRAGMA user_version = 1;

CREATE TABLE desk (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    name     TEXT    NOT NULL,
    history  BLOB    NOT NULL CHECK (length(history) = 16),
    fence    INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;

CREATE TABLE categories (
    category INTEGER PRIMARY KEY,
    name     TEXT    NOT NULL
) STRICT;

CREATE TABLE agents (
    agent            INTEGER PRIMARY KEY,
    name             TEXT    NOT NULL,
    max_chats        INTEGER NOT NULL,
    categories       TEXT    NOT NULL, -- a JSON list of numbers
    state            TEXT    NOT NULL,
    last_assigned_at INTEGER NOT NULL,
    active           INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE chats (
    chat                   INTEGER PRIMARY KEY,
    kind                   TEXT    NOT NULL,
    customer               BLOB    NOT NULL CHECK (length(customer) = 16),
    customer_name          TEXT    NOT NULL,
    category               INTEGER NOT NULL,
    subject                TEXT,
    priority               TEXT    NOT NULL,
    status                 TEXT    NOT NULL,
    agent                  INTEGER, -- who holds it now
    last_agent             INTEGER,
    episode                INTEGER NOT NULL,
    arrived_at             INTEGER NOT NULL,
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL,
    ended_at               INTEGER,
    ended_by               TEXT,
    end_reason             TEXT,
    last_seq               INTEGER NOT NULL,
    last_public_seq        INTEGER NOT NULL,
    customer_delivered     INTEGER NOT NULL, -- how far each side has got, in its own numbers
    customer_read          INTEGER NOT NULL,
    customer_delivered_seq INTEGER NOT NULL, -- and in those of the other
    customer_read_seq      INTEGER NOT NULL,
    staff_delivered        INTEGER NOT NULL,
    staff_read             INTEGER NOT NULL,
    staff_delivered_public INTEGER NOT NULL,
    staff_read_public      INTEGER NOT NULL,
    customer_unread        TEXT    NOT NULL, -- a JSON list of pairs: staff number, public number
    staff_unread           TEXT    NOT NULL, -- the same
    last_message_seq       INTEGER,          -- its text lives in entries only
    client_ids             INTEGER NOT NULL
) STRICT;

-- What a start reads: its size follows the open chats, not the history.
CREATE INDEX chats_open ON chats (chat) WHERE status <> 'closed';

-- Everyone who took part, so that a chat is found under each of them.
CREATE TABLE chat_agents (
    chat  INTEGER NOT NULL REFERENCES chats (chat),
    agent INTEGER NOT NULL,
    PRIMARY KEY (chat, agent)
) STRICT, WITHOUT ROWID;

CREATE INDEX chat_agents_by_agent ON chat_agents (agent, chat);

-- New entries go to the end of the table whatever their chat, so a batch from many chats dirties few
-- pages, and only one narrow index is touched in the middle. Public numbers have no index of their own:
-- both numbers are dense and rise together, so a range of one is found by the other (see pages.rs).
CREATE TABLE entries (
    entry       INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    public_seq  INTEGER,
    at          INTEGER NOT NULL,
    author_kind TEXT    NOT NULL,
    author      ANY, -- a customer's 16 bytes, an agent's number, null for the system
    author_name TEXT,
    to_name     TEXT,
    kind        TEXT    NOT NULL,
    text        TEXT, -- what a person wrote
    line        TEXT  -- what Chatter itself says, as JSON
) STRICT;

CREATE UNIQUE INDEX entries_by_seq ON entries (chat, seq);

-- The key is the net under the desk's own memory: the same id twice fails the whole batch.
CREATE TABLE client_ids (
    chat          INTEGER NOT NULL,
    author_kind   TEXT    NOT NULL,
    author        ANY     NOT NULL,
    client_msg_id TEXT    NOT NULL,
    used          INTEGER NOT NULL, -- rises with use: the revision and the place in its batch
    body_hash     INTEGER NOT NULL, -- 64 bits, the sign is one of them
    seq           INTEGER NOT NULL,
    public_seq    INTEGER,
    at            INTEGER NOT NULL,
    PRIMARY KEY (chat, author_kind, author, client_msg_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    no      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL
) STRICT;

CREATE TABLE cursors (
    reader TEXT    PRIMARY KEY,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

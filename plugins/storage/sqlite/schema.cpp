#include "schema.h"

namespace argot::sqlite {
namespace {

constexpr const char* version_1 = R"sql(
CREATE TABLE account(
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE conversation(
  account INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  approved INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  last_active INTEGER NOT NULL,
  unread INTEGER NOT NULL,
  last_message INTEGER NOT NULL,
  extra BLOB NOT NULL
) STRICT;
CREATE INDEX conversation_by_activity ON conversation(last_active);

CREATE TABLE message(
  position INTEGER PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE,
  conversation INTEGER NOT NULL,
  author INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  direction INTEGER NOT NULL,
  state INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  hash TEXT NOT NULL,
  suite TEXT NOT NULL,
  failure TEXT NOT NULL,
  trace BLOB NOT NULL,
  text TEXT NOT NULL,
  content BLOB NOT NULL,
  UNIQUE(author, sent_at)
) STRICT;
CREATE INDEX message_by_conversation ON message(conversation);

-- detail=column: with detail=none, secure-delete loses entries (SQLite 3.53; the conformance kit shows it).
-- pgsz: what fits one encrypted page of 4,096 bytes, of which cipher and B-tree keep about 100.
CREATE VIRTUAL TABLE message_index USING fts5(
  text, conversation, content='', columnsize=0, detail=column, prefix='2 3',
  tokenize="unicode61 remove_diacritics 2 )sql"
                                  R"sql(categories 'L* N* Co Mn Mc' separators ')sql"
                                  "\uFE0E\uFE0F"
                                  R"sql('");
INSERT INTO message_index(message_index, rank) VALUES('pgsz', 3968);
INSERT INTO message_index(message_index, rank) VALUES('secure-delete', 1);

CREATE TABLE outbox(
  message INTEGER PRIMARY KEY,
  mailbox TEXT NOT NULL,
  ns INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  suite TEXT NOT NULL,
  ttl INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_time ON outbox(next_attempt);

CREATE TABLE seen(
  hash TEXT PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_by_time ON seen(expires);

CREATE TABLE value(
  owner TEXT NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY(owner, key)
) STRICT, WITHOUT ROWID;

-- The greatest message id that was ever in use but no longer is: ids are not used twice.
CREATE TABLE retired(id INTEGER NOT NULL) STRICT;
INSERT INTO retired VALUES(0);
)sql";

// Messages that disappear, and what is done to messages (reactions, edits).
constexpr const char* version_2 = R"sql(
ALTER TABLE message ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN extra BLOB NOT NULL DEFAULT x'';
CREATE INDEX message_by_expiry ON message(expires_at) WHERE expires_at <> 0;
)sql";

constexpr const char* all[] = {version_1, version_2};

}  // namespace

const Migrations migrations = all;

}  // namespace argot::sqlite

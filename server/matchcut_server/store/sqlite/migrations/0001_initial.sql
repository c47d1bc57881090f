-- One row: the revision counter of the whole store, and the key for page tokens.
CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    secret BLOB NOT NULL
);

INSERT INTO store (id, revision, secret) VALUES (1, 0, randomblob(32));

-- AUTOINCREMENT, so that the id of a deleted catalog is never used again.
CREATE TABLE catalogs (
    catalog_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    settings BLOB NOT NULL,
    revision INTEGER NOT NULL
);

-- A deleted video keeps its row as a tombstone, with `metadata` null, so that followers of the feed hear of it.
CREATE TABLE videos (
    catalog_id INTEGER NOT NULL,
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    metadata BLOB,
    PRIMARY KEY (catalog_id, video_id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX feed ON videos (catalog_id, revision);

-- `keywords` as the extractor gave them; `vector`: their finished tf, so that no follower computes it again.
CREATE TABLE keyword_sets (
    catalog_id INTEGER NOT NULL,
    video_id TEXT NOT NULL,
    language TEXT NOT NULL,
    keywords BLOB NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (catalog_id, video_id, language)
);

-- Saved interests and promotions; `body` in an encoding of its own, opaque here.
CREATE TABLE standing_interests (
    catalog_id INTEGER NOT NULL,
    standing_interest_id TEXT NOT NULL,
    body BLOB NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (catalog_id, standing_interest_id)
) WITHOUT ROWID;

-- Whoever keeps what they come to asks which have changed, without reading their bodies.
CREATE UNIQUE INDEX standing_feed ON standing_interests (catalog_id, revision);

-- How often users were shown promotions, which is what frequency caps count.
CREATE TABLE promotion_impressions (
    catalog_id INTEGER NOT NULL,
    promotion_id TEXT NOT NULL,
    time REAL NOT NULL,
    event_id TEXT NOT NULL,
    profile_id INTEGER NOT NULL,
    PRIMARY KEY (catalog_id, promotion_id, time, event_id)
) WITHOUT ROWID;

CREATE INDEX impressions_of_profiles ON promotion_impressions (profile_id);

-- Whoever follows the profiles of a catalog asks which have changed, and which are gone: of these only a number is left.
CREATE UNIQUE INDEX profile_feed ON profiles (catalog_id, revision, profile_id);

CREATE TABLE removed_profiles (
    catalog_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    profile_id INTEGER NOT NULL,
    PRIMARY KEY (catalog_id, revision, profile_id)
) WITHOUT ROWID;

-- One spelling of every keyword that any video has or had, by the key of its phrase term (see `vectors.keys`), signed.
CREATE TABLE keyword_texts (
    catalog_id INTEGER NOT NULL,
    key INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (catalog_id, key)
) WITHOUT ROWID;

-- Which of these keywords contain a word, by the keys of both terms.
CREATE TABLE keyword_words (
    catalog_id INTEGER NOT NULL,
    word_key INTEGER NOT NULL,
    key INTEGER NOT NULL,
    PRIMARY KEY (catalog_id, word_key, key)
) WITHOUT ROWID;

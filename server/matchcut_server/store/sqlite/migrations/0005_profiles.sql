-- How events count in a catalog, as JSON.
ALTER TABLE catalogs ADD COLUMN profile_settings BLOB NOT NULL DEFAULT x'7B7D';

-- `declared`: what the user or the site states. `birth`: the revision at which the profile came to be.
CREATE TABLE profiles (
    profile_id INTEGER PRIMARY KEY,
    catalog_id INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    birth INTEGER NOT NULL,
    declared BLOB NOT NULL,
    event_count INTEGER NOT NULL,
    last_event_time REAL,
    UNIQUE (catalog_id, user_id)
);

-- `revision`: the newest one of the video that this is the credit of, as a whole; all its events share it. Null for the
-- credit of the spans that one event watched.
CREATE TABLE credits (
    credit_id INTEGER PRIMARY KEY,
    catalog_id INTEGER NOT NULL,
    video_id TEXT NOT NULL,
    revision INTEGER,
    credit BLOB NOT NULL,
    UNIQUE (catalog_id, video_id, revision)
);

-- `share`: the watched share; null as long as the video is not known, and then there is no credit either.
CREATE TABLE events (
    profile_id INTEGER NOT NULL,
    time REAL NOT NULL,
    event_id TEXT NOT NULL,
    catalog_id INTEGER NOT NULL,
    video_id TEXT NOT NULL,
    kind INTEGER NOT NULL,
    details BLOB NOT NULL,
    share REAL,
    credit_id INTEGER,
    PRIMARY KEY (profile_id, time, event_id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX event_ids ON events (catalog_id, event_id);

CREATE INDEX pending_events ON events (catalog_id, video_id) WHERE share IS NULL;

-- Watched shares and weights of likes of all credited events, in millionths, by the day of the event.
CREATE TABLE popularity (
    catalog_id INTEGER NOT NULL,
    video_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    views INTEGER NOT NULL,
    likes INTEGER NOT NULL,
    PRIMARY KEY (catalog_id, video_id, day)
) WITHOUT ROWID;

-- At which revision the popularity of a video was last changed, also where nothing is left of it.
CREATE TABLE popular_videos (
    catalog_id INTEGER NOT NULL,
    video_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (catalog_id, video_id)
) WITHOUT ROWID;

CREATE INDEX popularity_changes ON popular_videos (catalog_id, revision);

-- The newest revision at which a profile of any catalog was deleted or merged.
ALTER TABLE store ADD COLUMN last_deletion INTEGER NOT NULL DEFAULT 0;

-- `user_hash`: keyed with the secret of the store. `time`: up to which events of the user are refused, in Unix seconds.
CREATE TABLE deleted_users (
    catalog_id INTEGER NOT NULL,
    user_hash BLOB NOT NULL,
    time REAL NOT NULL,
    PRIMARY KEY (catalog_id, user_hash)
) WITHOUT ROWID;

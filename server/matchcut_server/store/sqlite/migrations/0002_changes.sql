-- The newest revision of a catalog, its settings or any of its videos: followers ask which catalogs have moved.
ALTER TABLE catalogs ADD COLUMN last_change INTEGER NOT NULL DEFAULT 0;

UPDATE catalogs SET last_change = max(
    revision,
    coalesce((SELECT max(videos.revision) FROM videos WHERE videos.catalog_id = catalogs.catalog_id), 0)
);

CREATE INDEX last_changes ON catalogs (last_change);

-- A deleted catalog leaves its id, so that followers hear of it.
CREATE TABLE deleted_catalogs (
    revision INTEGER PRIMARY KEY,
    catalog_id INTEGER NOT NULL
);

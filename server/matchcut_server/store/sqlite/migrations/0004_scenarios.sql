-- `ranking`: settings in an encoding of their own, opaque here.
CREATE TABLE scenarios (
    catalog_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    ranking BLOB NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (catalog_id, name)
) WITHOUT ROWID;

-- Full text with what PostgreSQL brings: the title weighs more than the description.
ALTER TABLE tasks
    ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', description), 'B')
    ) STORED;

CREATE INDEX tasks_search_idx ON tasks USING gin (search);

CREATE INDEX comments_body_idx ON comments USING gin (to_tsvector('english', body));

-- The activity screen filters by topic. events is the largest table and is written all day, so the index is built
-- without blocking writers. Such a statement cannot run in a transaction: it stands alone in its file.
CREATE INDEX CONCURRENTLY events_topic_idx ON events (topic, occurred_at DESC);

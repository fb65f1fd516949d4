-- What happened, in order: feeds the activity screen and the webhooks.
CREATE TABLE events (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic       text        NOT NULL CHECK (topic ~ '^[a-z_]+\.[a-z_]+$'),
    actor_id    bigint      REFERENCES users (id) ON DELETE SET NULL,
    project_id  bigint      REFERENCES projects (id) ON DELETE CASCADE,
    subject_id  bigint,
    payload     jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(payload) = 'object'),
    occurred_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN events.subject_id IS 'Row that the topic speaks of. No foreign key: the event outlives its subject.';

CREATE INDEX events_project_id_idx ON events (project_id, id DESC);
CREATE INDEX events_payload_idx ON events USING gin (payload jsonb_path_ops);

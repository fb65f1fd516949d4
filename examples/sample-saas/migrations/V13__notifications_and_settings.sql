CREATE TABLE notifications (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    event_id   bigint      NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    channel    text        NOT NULL DEFAULT 'inbox' CHECK (channel IN ('inbox', 'email')),
    read_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, event_id, channel)
);

CREATE INDEX notifications_unread_idx ON notifications (user_id, id DESC) WHERE read_at IS NULL;
CREATE INDEX notifications_event_id_idx ON notifications (event_id);

CREATE TABLE settings (
    key        text        PRIMARY KEY CHECK (key ~ '^[a-z]+(\.[a-z_]+)+$'),
    value      jsonb       NOT NULL,
    updated_by bigint      REFERENCES users (id) ON DELETE SET NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO settings (key, value) VALUES
    ('billing.payment_days', '14'),
    ('billing.hourly_rate_cents', '11000'),
    ('work.week_starts_on', '"monday"'),
    ('brand.accent_color', '"#0f766e"');

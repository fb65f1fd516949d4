CREATE TABLE api_tokens (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id      bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         text        NOT NULL,
    token_hash   bytea       NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    scopes       text[]      NOT NULL DEFAULT '{read}' CHECK (scopes <@ '{read,write,billing}'::text[]),
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN api_tokens.token_hash IS 'SHA-256 of the token; the token itself is shown once and not kept.';

CREATE INDEX api_tokens_user_id_idx ON api_tokens (user_id);

CREATE TABLE webhooks (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url        text        NOT NULL CHECK (url LIKE 'https://%'),
    topics     text[]      NOT NULL CHECK (cardinality(topics) > 0),
    active     boolean     NOT NULL DEFAULT true,
    failures   integer     NOT NULL DEFAULT 0 CHECK (failures >= 0),
    created_by bigint      REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX webhooks_topics_idx ON webhooks USING gin (topics) WHERE active;

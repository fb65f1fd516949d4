CREATE TABLE roles (
    code        text PRIMARY KEY CHECK (code ~ '^[a-z_]+$'),
    title       text NOT NULL,
    may_write   boolean NOT NULL,
    may_bill    boolean NOT NULL
);

INSERT INTO roles (code, title, may_write, may_bill) VALUES
    ('owner',       'Owner',       true,  true),
    ('manager',     'Manager',     true,  true),
    ('contributor', 'Contributor', true,  false),
    ('client',      'Client',      false, false);

CREATE TABLE users (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text        NOT NULL CHECK (email LIKE '%_@_%'),
    full_name     text        NOT NULL,
    time_zone     text        NOT NULL DEFAULT 'Europe/Berlin',
    password_hash text,
    last_login_at timestamptz,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN users.password_hash IS 'NULL for people who sign in through the identity provider.';

-- citext would do the same, but the product must not need an extension.
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE INDEX users_last_login_at_idx ON users (last_login_at DESC NULLS LAST) WHERE disabled_at IS NULL;

CREATE TABLE memberships (
    account_id bigint      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_id    bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_code  text        NOT NULL REFERENCES roles (code),
    invited_by bigint      REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, user_id)
);

CREATE INDEX memberships_user_id_idx ON memberships (user_id);

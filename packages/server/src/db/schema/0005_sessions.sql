-- Browsers that are signed in. A cookie holds the secret, this table its hash. Runs as tenantry_control.

CREATE TABLE tenantry.sessions (
    id           text PRIMARY KEY,
    token_hash   bytea NOT NULL,
    method       text NOT NULL CHECK (method IN ('apiKey', 'code', 'oidc')),
    -- Signed in with a key: it can do what the key can do now, and ends with it.
    key_id       text REFERENCES tenantry.api_keys,
    -- Signed in by an OpenID provider: who it is, and what its claims made of them.
    user_id      text,
    user_name    text,
    role         text CHECK (role IN ('admin', 'operator', 'auditor', 'developer', 'tenant')),
    tenant_id    text REFERENCES tenantry.tenants,
    -- For signing out at the provider, too: AES-256-GCM under the credential key.
    id_token     bytea,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    idle_seconds integer NOT NULL CHECK (idle_seconds > 0),
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    ended        text CHECK (ended IN ('signedOut', 'revoked')),
    source_ip    text,
    user_agent   text,
    CHECK ((method = 'oidc') = (key_id IS NULL)),
    CHECK ((method = 'oidc') = (user_id IS NOT NULL AND user_name IS NOT NULL AND role IS NOT NULL)),
    CHECK ((role IS NOT DISTINCT FROM 'tenant') = (tenant_id IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (ended IS NULL))
);
CREATE INDEX sessions_created_idx ON tenantry.sessions (created_at, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_expires_idx ON tenantry.sessions (expires_at);

-- One-time sign-in links. A row goes when it is used.
CREATE TABLE tenantry.sign_in_codes (
    code_hash  bytea PRIMARY KEY,
    key_id     text NOT NULL REFERENCES tenantry.api_keys,
    expires_at timestamptz NOT NULL
);

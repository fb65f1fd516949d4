-- Break-glass readers: logins that read the tables of some tenants for a while. The row is written before the role is made
-- and outlives it, so that whatever is cut off in between is found again. Runs as tenantry_control.

CREATE TABLE tenantry.readers (
    id         text PRIMARY KEY,
    login      text NOT NULL UNIQUE CHECK (login ~ '^tenantry_reader_[a-z2-7]{12}$'),
    cell_id    text NOT NULL REFERENCES tenantry.cells,
    state      text NOT NULL CHECK (state IN ('opening', 'open', 'closing', 'closed')),
    reason     text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    closed_at  timestamptz,
    -- Why it has ended, or is about to.
    ended      text CHECK (ended IN ('closed', 'expired', 'failed')),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state IN ('closing', 'closed')) = (ended IS NOT NULL))
);
CREATE INDEX readers_created_idx ON tenantry.readers (created_at, id);
CREATE INDEX readers_unfinished_idx ON tenantry.readers (expires_at) WHERE state <> 'closed';

CREATE TABLE tenantry.reader_tenants (
    reader_id text NOT NULL REFERENCES tenantry.readers,
    tenant_id text NOT NULL REFERENCES tenantry.tenants,
    relations integer NOT NULL DEFAULT 0,
    -- When it was taken from the reader, because it was purged.
    left_at   timestamptz,
    PRIMARY KEY (reader_id, tenant_id)
);
CREATE INDEX reader_tenants_tenant_idx ON tenantry.reader_tenants (tenant_id);

-- The control schema: what Tenantry knows about cells, tenants and operations. Runs as tenantry_control.

-- What this installation was set up with: a value that only the right credential key gives.
CREATE TABLE tenantry.installation (
    only_row             boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    credential_key_check text NOT NULL
);

CREATE TABLE tenantry.cells (
    id                 text PRIMARY KEY,
    name               text NOT NULL UNIQUE,
    kind               text NOT NULL CHECK (kind IN ('embedded', 'external')),
    is_default         boolean NOT NULL DEFAULT false,
    -- AES-256-GCM under the credential key; null where the connection string comes from the configuration.
    url_encrypted      bytea,
    host               text NOT NULL,
    login              text NOT NULL,
    server_version     text NOT NULL,
    system_identifier  text NOT NULL,
    allowed_extensions text[] NOT NULL DEFAULT '{}',
    lanes              text[] NOT NULL DEFAULT '{sealed,leased}'
        CHECK (lanes <@ '{sealed,leased}' AND cardinality(lanes) BETWEEN 1 AND 2),
    slots              integer NOT NULL DEFAULT 16 CHECK (slots BETWEEN 1 AND 500),
    created_at         timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX cells_one_default_idx ON tenantry.cells (is_default) WHERE is_default;

-- The migrations that a tenant was built from: what every later comparison refers to.
CREATE TABLE tenantry.migration_sets (
    fingerprint    text PRIMARY KEY,
    locations      text[] NOT NULL,
    schema_version text,
    migrations     jsonb NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tenantry.tenants (
    id                 text PRIMARY KEY CHECK (id ~ '^t_[a-z2-7]{12}$'),
    slug               text UNIQUE,
    name               text NOT NULL,
    state              text NOT NULL CHECK (state IN
        ('provisioning', 'active', 'suspended', 'archived', 'deleting', 'deleted', 'failed')),
    state_reason       text,
    plan               text NOT NULL,
    labels             jsonb NOT NULL DEFAULT '{}',
    cell_id            text NOT NULL REFERENCES tenantry.cells,
    isolation          text NOT NULL DEFAULT 'sealed' CHECK (isolation IN ('sealed')),
    schema_name        text NOT NULL,
    schema_version     text,
    migration_set      text REFERENCES tenantry.migration_sets,
    credential_version integer NOT NULL DEFAULT 1,
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    activated_at       timestamptz,
    purge_after        timestamptz,
    purged_at          timestamptz,
    UNIQUE (cell_id, schema_name),
    CHECK (slug IS NOT NULL OR state = 'deleted')
);
CREATE INDEX tenants_created_idx ON tenantry.tenants (created_at, id);
CREATE INDEX tenants_updated_idx ON tenantry.tenants (updated_at, id);
CREATE INDEX tenants_name_idx ON tenantry.tenants (name, id);
CREATE INDEX tenants_state_idx ON tenantry.tenants (state);
CREATE INDEX tenants_labels_idx ON tenantry.tenants USING gin (labels);
CREATE INDEX tenants_purge_idx ON tenantry.tenants (purge_after) WHERE state = 'deleting';
CREATE INDEX tenants_set_idx ON tenantry.tenants (migration_set);

-- Host names of the customers' own: in lower case, without a port or a dot at the end, international ones as xn--….
CREATE TABLE tenantry.tenant_domains (
    domain     text PRIMARY KEY,
    -- A tenant that is not provisioned after all leaves nothing.
    tenant_id  text NOT NULL REFERENCES tenantry.tenants ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tenant_domains_tenant_idx ON tenantry.tenant_domains (tenant_id);

-- Changes of placements that applications on other cells than the default one are still to be told of. A row is added with
-- the change and goes when the cell was told, so that a crash in between loses nothing.
CREATE TABLE tenantry.placement_notices (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cell_id   text NOT NULL REFERENCES tenantry.cells,
    tenant_id text NOT NULL
);
CREATE INDEX placement_notices_cell_idx ON tenantry.placement_notices (cell_id, id);

-- Tells the applications of a cell that what they know about a tenant is no longer so. The default cell is this database:
-- there the notification is a part of the change.
CREATE FUNCTION tenantry.notify_placement(p_tenant_id text, p_cell_id text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM tenantry.cells WHERE id = p_cell_id AND is_default) THEN
        PERFORM pg_notify('tenantry_placements', p_tenant_id);
    ELSE
        INSERT INTO tenantry.placement_notices (cell_id, tenant_id) VALUES (p_cell_id, p_tenant_id);
        PERFORM pg_notify('tenantry_placement_notices', p_cell_id);
    END IF;
END
$$;

CREATE FUNCTION tenantry.tenant_placement_changed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tenantry.notify_placement(NEW.id, NEW.cell_id);
    IF TG_OP = 'UPDATE' AND OLD.cell_id <> NEW.cell_id THEN
        PERFORM tenantry.notify_placement(OLD.id, OLD.cell_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER tenant_inserted AFTER INSERT ON tenantry.tenants
    FOR EACH ROW WHEN (NEW.state = 'active') EXECUTE FUNCTION tenantry.tenant_placement_changed();

-- A tenant that is being provisioned, or has failed to be, is known to no application.
CREATE TRIGGER tenant_updated AFTER UPDATE ON tenantry.tenants
    FOR EACH ROW WHEN (
        (OLD.state = 'active' OR NEW.state = 'active')
        AND (OLD.state, OLD.slug, OLD.cell_id, OLD.schema_name, OLD.credential_version, OLD.isolation)
            IS DISTINCT FROM
            (NEW.state, NEW.slug, NEW.cell_id, NEW.schema_name, NEW.credential_version, NEW.isolation))
    EXECUTE FUNCTION tenantry.tenant_placement_changed();

CREATE FUNCTION tenantry.domain_changed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed text := CASE TG_OP WHEN 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
BEGIN
    PERFORM tenantry.notify_placement(t.id, t.cell_id) FROM tenantry.tenants t WHERE t.id = changed;
    RETURN NULL;
END
$$;

CREATE TRIGGER domain_changed AFTER INSERT OR DELETE ON tenantry.tenant_domains
    FOR EACH ROW EXECUTE FUNCTION tenantry.domain_changed();

CREATE FUNCTION tenantry.cell_placements_changed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tenantry.notify_placement(t.id, t.cell_id) FROM tenantry.tenants t
      WHERE t.cell_id = NEW.id AND t.state = 'active';
    RETURN NULL;
END
$$;

CREATE TRIGGER cell_updated AFTER UPDATE ON tenantry.cells
    FOR EACH ROW WHEN (
        (OLD.lanes, OLD.slots, OLD.host, OLD.url_encrypted) IS DISTINCT FROM (NEW.lanes, NEW.slots, NEW.host, NEW.url_encrypted))
    EXECUTE FUNCTION tenantry.cell_placements_changed();

-- Warm, fully migrated schemas that belong to nobody yet.
CREATE TABLE tenantry.spares (
    id             text PRIMARY KEY CHECK (id ~ '^t_[a-z2-7]{12}$'),
    cell_id        text NOT NULL REFERENCES tenantry.cells,
    state          text NOT NULL CHECK (state IN ('building', 'ready', 'dropping')),
    migration_set  text NOT NULL REFERENCES tenantry.migration_sets,
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX spares_ready_idx ON tenantry.spares (cell_id, migration_set, created_at) WHERE state = 'ready';

CREATE TABLE tenantry.operations (
    id               text PRIMARY KEY,
    kind             text NOT NULL,
    state            text NOT NULL CHECK (state IN
        ('queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled')),
    tenant_id        text,
    tenant_slug      text,
    input            jsonb NOT NULL DEFAULT '{}',
    error            jsonb,
    attempt          integer NOT NULL DEFAULT 1,
    -- Grows every time a worker takes the operation: a worker that was thought dead finds that it is no longer its turn.
    run              integer NOT NULL DEFAULT 0,
    actor            jsonb NOT NULL,
    request_id       text,
    idempotency_key  text,
    request_hash     text,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When this attempt was asked for.
    queued_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at       timestamptz,
    finished_at      timestamptz
);
CREATE UNIQUE INDEX operations_idempotency_idx ON tenantry.operations ((actor ->> 'id'), idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX operations_one_per_tenant_idx ON tenantry.operations (tenant_id)
    WHERE state IN ('queued', 'running', 'cancelling');
CREATE INDEX operations_created_idx ON tenantry.operations (created_at, id);
CREATE INDEX operations_tenant_idx ON tenantry.operations (tenant_id, created_at);
CREATE INDEX operations_unfinished_idx ON tenantry.operations (state) WHERE finished_at IS NULL;

CREATE TABLE tenantry.operation_steps (
    operation_id text NOT NULL REFERENCES tenantry.operations ON DELETE CASCADE,
    position     integer NOT NULL,
    name         text NOT NULL,
    title        text NOT NULL,
    state        text NOT NULL CHECK (state IN ('pending', 'running', 'succeeded', 'failed', 'skipped')),
    started_at   timestamptz,
    finished_at  timestamptz,
    detail       jsonb,
    error        jsonb,
    PRIMARY KEY (operation_id, position)
);

-- What the event stream replays from.
CREATE TABLE tenantry.events (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    type      text NOT NULL,
    topics    text[] NOT NULL,
    tenant_id text,
    data      jsonb NOT NULL
);
CREATE INDEX events_at_idx ON tenantry.events (at);

-- Writers of events commit one after the other: otherwise a reader could see event 8 before event 7 exists, note 8 as
-- the last one it had, and never ask for 7. The lock is held from here to the commit, so call this last.
CREATE FUNCTION tenantry.emit(p_type text, p_topics text[], p_tenant_id text, p_data jsonb) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    event_id bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('tenantry.events', 0));
    INSERT INTO tenantry.events (type, topics, tenant_id, data)
    VALUES (p_type, p_topics, p_tenant_id, p_data)
    RETURNING id INTO event_id;
    PERFORM pg_notify('tenantry_events', event_id::text);
    RETURN event_id;
END
$$;

CREATE TABLE tenantry.api_keys (
    id           text PRIMARY KEY,
    name         text NOT NULL,
    role         text NOT NULL CHECK (role IN ('admin', 'operator', 'auditor', 'developer', 'tenant', 'runtime')),
    scopes       text[],
    tenant_id    text REFERENCES tenantry.tenants,
    token_hash   bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    created_by   text NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    CHECK ((role = 'tenant') = (tenant_id IS NOT NULL))
);

-- The audit trail. Runs as tenantry_audit, which owns it and its schema: the control role may append through one function
-- and read (granted by the installer), and PostgreSQL refuses it everything else: UPDATE, DELETE, TRUNCATE, ALTER, DROP.

CREATE TABLE tenantry_audit.events (
    seq         bigint PRIMARY KEY,
    id          text NOT NULL UNIQUE,
    at          timestamptz(3) NOT NULL,
    actor_kind  text NOT NULL CHECK (actor_kind IN ('user', 'apiKey', 'cli', 'system')),
    actor_id    text NOT NULL,
    actor_name  text NOT NULL,
    action      text NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('success', 'failure', 'denied')),
    target_kind text NOT NULL,
    target_id   text NOT NULL,
    tenant_id   text,
    -- json, not jsonb: it keeps the text as it was written, and the hash is over that text.
    before      json,
    after       json,
    reason      text,
    request_id  text,
    source_ip   text,
    prev_hash   text NOT NULL,
    hash        text NOT NULL
);

CREATE INDEX events_tenant_idx ON tenantry_audit.events (tenant_id, seq);
CREATE INDEX events_at_idx ON tenantry_audit.events (at);
CREATE INDEX events_action_idx ON tenantry_audit.events (action text_pattern_ops, seq);
CREATE INDEX events_actor_idx ON tenantry_audit.events (actor_id, seq);

-- One row: the end of the chain. Locking it orders writers, so seq has no gaps and every row knows the one before.
CREATE TABLE tenantry_audit.head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq      bigint NOT NULL,
    hash     text NOT NULL
);
INSERT INTO tenantry_audit.head (seq, hash) VALUES (0, repeat('0', 64));

-- Every field as its length in bytes, a colon and its text, so that no two different rows give the same bytes; '-' for NULL.
CREATE FUNCTION tenantry_audit.field(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN value IS NULL THEN '-' ELSE octet_length(value) || ':' || value END;

CREATE FUNCTION tenantry_audit.row_hash(e tenantry_audit.events) RETURNS text
    LANGUAGE sql STABLE
    RETURN encode(sha256(convert_to(
        tenantry_audit.field(e.prev_hash)
        || tenantry_audit.field(e.seq::text)
        || tenantry_audit.field(e.id)
        || tenantry_audit.field(to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        || tenantry_audit.field(e.actor_kind)
        || tenantry_audit.field(e.actor_id)
        || tenantry_audit.field(e.actor_name)
        || tenantry_audit.field(e.action)
        || tenantry_audit.field(e.outcome)
        || tenantry_audit.field(e.target_kind)
        || tenantry_audit.field(e.target_id)
        || tenantry_audit.field(e.tenant_id)
        || tenantry_audit.field(e.before::text)
        || tenantry_audit.field(e.after::text)
        || tenantry_audit.field(e.reason)
        || tenantry_audit.field(e.request_id)
        || tenantry_audit.field(e.source_ip), 'UTF8')), 'hex');

CREATE FUNCTION tenantry_audit.append(
    p_id text, p_actor_kind text, p_actor_id text, p_actor_name text, p_action text, p_outcome text,
    p_target_kind text, p_target_id text, p_tenant_id text, p_before json, p_after json,
    p_reason text, p_request_id text, p_source_ip text
) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last tenantry_audit.head;
    event tenantry_audit.events;
BEGIN
    SELECT * INTO STRICT last FROM tenantry_audit.head FOR UPDATE;
    event.seq := last.seq + 1;
    event.id := p_id;
    -- After the lock, so that time never runs backwards along the chain of one server.
    event.at := date_trunc('milliseconds', clock_timestamp());
    event.actor_kind := p_actor_kind;
    event.actor_id := p_actor_id;
    event.actor_name := p_actor_name;
    event.action := p_action;
    event.outcome := p_outcome;
    event.target_kind := p_target_kind;
    event.target_id := p_target_id;
    event.tenant_id := p_tenant_id;
    event.before := p_before;
    event.after := p_after;
    event.reason := p_reason;
    event.request_id := p_request_id;
    event.source_ip := p_source_ip;
    event.prev_hash := last.hash;
    event.hash := tenantry_audit.row_hash(event);
    INSERT INTO tenantry_audit.events VALUES (event.*);
    UPDATE tenantry_audit.head SET seq = event.seq, hash = event.hash;
    RETURN event.seq;
END
$$;

-- The first row that does not fit, or nothing. Reads the whole chain; a superuser's change anywhere shows here.
CREATE FUNCTION tenantry_audit.verify(
    OUT checked bigint, OUT head text, OUT broken_seq bigint, OUT broken_id text, OUT problem text
)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    event tenantry_audit.events;
    last tenantry_audit.head;
BEGIN
    SELECT * INTO STRICT last FROM tenantry_audit.head;
    checked := 0;
    head := repeat('0', 64);
    FOR event IN SELECT * FROM tenantry_audit.events ORDER BY seq LOOP
        IF event.seq <> checked + 1 THEN
            broken_seq := checked + 1;
            problem := 'missing';
            RETURN;
        END IF;
        IF event.hash <> tenantry_audit.row_hash(event) THEN
            broken_seq := event.seq;
            broken_id := event.id;
            problem := 'changed';
            RETURN;
        END IF;
        IF event.prev_hash <> head THEN
            broken_seq := event.seq;
            broken_id := event.id;
            problem := 'link';
            RETURN;
        END IF;
        checked := checked + 1;
        head := event.hash;
    END LOOP;
    IF last.seq <> checked OR last.hash <> head THEN
        broken_seq := checked + 1;
        problem := 'truncated';
    END IF;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tenantry_audit FROM PUBLIC;

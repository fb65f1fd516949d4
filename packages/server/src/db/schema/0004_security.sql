-- What was refused: equal refusals of one minute are one row, so that its size has a bound whatever an attacker tries. Of a
-- statement it holds a hash of the text without literals, and nothing else. Runs as tenantry_control.

CREATE TABLE tenantry.security_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    minute      timestamptz NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('denied', 'foreign-name', 'role-switch', 'guard', 'lane-refused',
        'lane-assertion', 'login-refused', 'tenant-closed', 'context')),
    source      text NOT NULL CHECK (source IN ('lane', 'log', 'control-plane')),
    -- No reference: what a tenant has tried stays known when it is gone.
    tenant_id   text,
    cell_id     text,
    lane        text CHECK (lane IN ('sealed', 'leased')),
    sqlstate    text,
    fingerprint text,
    count       bigint NOT NULL CHECK (count > 0),
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    CONSTRAINT security_events_key
        UNIQUE NULLS NOT DISTINCT (minute, tenant_id, kind, source, sqlstate, cell_id, lane, fingerprint)
);
CREATE INDEX security_events_listed_idx ON tenantry.security_events (minute, id);
CREATE INDEX security_events_tenant_idx ON tenantry.security_events (tenant_id, minute, id);

-- Reports that were taken, so that one which is sent again counts once.
CREATE TABLE tenantry.security_reports (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX security_reports_at_idx ON tenantry.security_reports (at);

-- Adds refusals to their minutes. In the order of the key, so that two calls never wait for each other in a circle. A tenant
-- that has p_most rows in a minute gets no more fingerprints there: the next ones are counted together.
CREATE FUNCTION tenantry.record_security_events(p_source text, p_events jsonb, p_most integer) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    e record;
    print text;
    rows_there bigint;
BEGIN
    FOR e IN
        SELECT date_trunc('minute', g."lastAt", 'UTC') AS minute, g.*
          FROM jsonb_to_recordset(p_events) AS g (kind text, "tenantId" text, cell text, lane text, "sqlState" text,
               fingerprint text, count bigint, "firstAt" timestamptz, "lastAt" timestamptz)
         ORDER BY 1, g."tenantId", g.kind, g."sqlState", g.cell, g.lane, g.fingerprint
    LOOP
        print := e.fingerprint;
        IF print IS NOT NULL THEN
            IF e."tenantId" IS NULL THEN
                SELECT count(*) INTO rows_there FROM (
                    SELECT FROM tenantry.security_events s
                     WHERE s.minute = e.minute AND s.tenant_id IS NULL AND s.fingerprint IS DISTINCT FROM print
                     LIMIT p_most) there;
            ELSE
                SELECT count(*) INTO rows_there FROM (
                    SELECT FROM tenantry.security_events s
                     WHERE s.minute = e.minute AND s.tenant_id = e."tenantId" AND s.fingerprint IS DISTINCT FROM print
                     LIMIT p_most) there;
            END IF;
            IF rows_there >= p_most THEN
                print := NULL;
            END IF;
        END IF;
        INSERT INTO tenantry.security_events AS s
            (minute, kind, source, tenant_id, cell_id, lane, sqlstate, fingerprint, count, first_at, last_at)
        VALUES (e.minute, e.kind, p_source, e."tenantId", e.cell, e.lane, e."sqlState", print, e.count, e."firstAt", e."lastAt")
        ON CONFLICT ON CONSTRAINT security_events_key DO UPDATE
            SET count = s.count + excluded.count,
                first_at = least(s.first_at, excluded.first_at),
                last_at = greatest(s.last_at, excluded.last_at);
    END LOOP;
END
$$;

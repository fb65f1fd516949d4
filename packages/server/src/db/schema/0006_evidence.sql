-- Reports that were issued, and the public keys that they were signed with. Runs as tenantry_audit, which owns them as it owns the
-- audit trail: the control role appends through functions that check what they are given, and reads. Nobody else does either.

CREATE TABLE tenantry_audit.evidence_keys (
    id         text PRIMARY KEY CHECK (id ~ '^SHA256:[0-9a-f]{64}$'),
    public_key text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE tenantry_audit.evidence (
    chain      text NOT NULL,
    sequence   bigint NOT NULL CHECK (sequence > 0),
    id         text NOT NULL UNIQUE,
    tenant_id  text,
    issued_at  timestamptz(3) NOT NULL,
    hash       text NOT NULL,
    prev_hash  text,
    key_id     text NOT NULL REFERENCES tenantry_audit.evidence_keys,
    -- What lists show.
    summary    jsonb NOT NULL,
    -- The signed report, byte for byte.
    document   text NOT NULL,
    PRIMARY KEY (chain, sequence),
    CHECK ((sequence = 1) = (prev_hash IS NULL))
);
CREATE INDEX evidence_issued_idx ON tenantry_audit.evidence (issued_at, id);

-- The page and the print, made when they are first asked for and then kept: what is handed out twice is the same twice.
CREATE TABLE tenantry_audit.evidence_forms (
    id       text PRIMARY KEY REFERENCES tenantry_audit.evidence (id),
    html     bytea NOT NULL,
    pdf      bytea NOT NULL,
    manifest text NOT NULL
);

CREATE FUNCTION tenantry_audit.add_evidence_key(p_id text, p_public_key text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO tenantry_audit.evidence_keys (id, public_key) VALUES (p_id, p_public_key) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

-- The end of a chain; other reports of the same chain wait until the transaction ends.
CREATE FUNCTION tenantry_audit.lock_evidence(p_chain text, OUT sequence bigint, OUT id text, OUT hash text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('tenantry.evidence.' || p_chain, 0));
    SELECT e.sequence, e.id, e.hash INTO sequence, id, hash
      FROM tenantry_audit.evidence e WHERE e.chain = p_chain ORDER BY e.sequence DESC LIMIT 1;
END
$$;

-- Takes a report only where it continues its chain and carries the hash of itself: a control plane with a defect cannot break the chain.
CREATE FUNCTION tenantry_audit.append_evidence(p_tenant_id text, p_summary jsonb, p_document text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    signed json := p_document::json;
    -- json keeps the text as it was written, and the hash is over that text.
    report json := signed -> 'report';
    place json := report -> 'chain';
    last record;
BEGIN
    SELECT * INTO last FROM tenantry_audit.lock_evidence(place ->> 'name');
    IF (place ->> 'sequence')::bigint <> coalesce(last.sequence, 0) + 1
       OR (place -> 'previous' ->> 'hash') IS DISTINCT FROM last.hash THEN
        RAISE EXCEPTION 'The report does not continue its chain.' USING ERRCODE = '23000';
    END IF;
    IF encode(sha256(convert_to(report::text, 'UTF8')), 'hex') <> signed ->> 'hash' THEN
        RAISE EXCEPTION 'The report is not what its hash says.' USING ERRCODE = '23000';
    END IF;
    IF (place ->> 'name') IS DISTINCT FROM coalesce(p_tenant_id, 'installation') THEN
        RAISE EXCEPTION 'The report is of the chain of somebody else.' USING ERRCODE = '23000';
    END IF;
    INSERT INTO tenantry_audit.evidence (chain, sequence, id, tenant_id, issued_at, hash, prev_hash, key_id, summary, document)
    VALUES (place ->> 'name', (place ->> 'sequence')::bigint, report ->> 'id', p_tenant_id,
            (report ->> 'issuedAt')::timestamptz, signed ->> 'hash', last.hash, report ->> 'keyId', p_summary, p_document);
END
$$;

-- The first who makes the forms of a report; who comes later is given those.
CREATE FUNCTION tenantry_audit.add_evidence_forms(p_id text, p_html bytea, p_pdf bytea, p_manifest text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO tenantry_audit.evidence_forms (id, html, pdf, manifest) VALUES (p_id, p_html, p_pdf, p_manifest)
    ON CONFLICT DO NOTHING
$$;

REVOKE ALL ON FUNCTION tenantry_audit.add_evidence_key, tenantry_audit.lock_evidence, tenantry_audit.append_evidence,
    tenantry_audit.add_evidence_forms FROM PUBLIC;

-- The control role is who installs.
DO $$
BEGIN
    EXECUTE format('GRANT SELECT ON tenantry_audit.evidence_keys, tenantry_audit.evidence, tenantry_audit.evidence_forms TO %I', session_user);
    EXECUTE format('GRANT EXECUTE ON FUNCTION tenantry_audit.add_evidence_key, tenantry_audit.lock_evidence, '
        'tenantry_audit.append_evidence, tenantry_audit.add_evidence_forms TO %I', session_user);
END
$$;

-- The end of a chain; other reports wait until the transaction ends. A lock of the table and not an advisory one, which any login
-- of the database could hold.
CREATE OR REPLACE FUNCTION tenantry_audit.lock_evidence(p_chain text, OUT sequence bigint, OUT id text, OUT hash text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    LOCK TABLE tenantry_audit.evidence IN EXCLUSIVE MODE;
    SELECT e.sequence, e.id, e.hash INTO sequence, id, hash
      FROM tenantry_audit.evidence e WHERE e.chain = p_chain ORDER BY e.sequence DESC LIMIT 1;
END
$$;

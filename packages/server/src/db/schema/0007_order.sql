-- What puts writers one after the other. Any login of the database can take an advisory lock, and can see in pg_locks which ones are
-- wanted; a table in this schema nobody else can lock. These hold no rows, so that no vacuum ever has to wait for them, and
-- EXCLUSIVE leaves them to whoever reads, as a dump does.

CREATE TABLE tenantry.event_order ();
CREATE TABLE tenantry.finding_order ();
CREATE TABLE tenantry.schedule_order ();

-- Writers of events commit one after the other: otherwise a reader could see event 8 before event 7 exists, note 8 as
-- the last one it had, and never ask for 7. The lock is held from here to the commit, so call this last.
CREATE OR REPLACE FUNCTION tenantry.emit(p_type text, p_topics text[], p_tenant_id text, p_data jsonb) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    event_id bigint;
BEGIN
    LOCK TABLE tenantry.event_order IN EXCLUSIVE MODE;
    INSERT INTO tenantry.events (type, topics, tenant_id, data)
    VALUES (p_type, p_topics, p_tenant_id, p_data)
    RETURNING id INTO event_id;
    PERFORM pg_notify('tenantry_events', event_id::text);
    RETURN event_id;
END
$$;

-- True for the one who may look at the schedule until its transaction ends, false for everybody else meanwhile.
CREATE FUNCTION tenantry.try_schedule() RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    LOCK TABLE tenantry.schedule_order IN EXCLUSIVE MODE NOWAIT;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;

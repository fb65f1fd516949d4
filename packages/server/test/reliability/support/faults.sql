-- What a superuser adds to a database to break the control plane at a named point of its work on a named tenant.
CREATE SCHEMA fault;

CREATE TABLE fault.armed (
    point  text NOT NULL,
    slug   text NOT NULL,
    -- fail: every time. raise: once. block: wait while the test holds the gate.
    action text NOT NULL CHECK (action IN ('fail', 'raise', 'block')),
    gate   integer NOT NULL,
    state  text NOT NULL DEFAULT 'P0001',
    PRIMARY KEY (point, slug)
);

-- A sequence, because it is not rolled back with the transaction that it made fail.
CREATE SEQUENCE fault.raised;

CREATE FUNCTION fault.hit(p_point text, p_slug text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    armed fault.armed;
BEGIN
    SELECT * INTO armed FROM fault.armed a WHERE a.point = p_point AND a.slug = p_slug;
    IF NOT FOUND THEN
        RETURN;
    ELSIF armed.action = 'block' THEN
        PERFORM pg_advisory_xact_lock_shared(7777, armed.gate);
    ELSIF armed.action = 'fail' OR nextval('fault.raised') = 1 THEN
        RAISE EXCEPTION 'broken on purpose at %', p_point USING ERRCODE = armed.state;
    END IF;
END
$$;

-- For migrations: the schema is the tenant's id, or that of a spare.
CREATE FUNCTION extensions.fault_in(p_point text, p_schema text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT fault.hit(p_point, coalesce((SELECT slug FROM tenantry.tenants WHERE id = p_schema), 'spare')) $$;

CREATE FUNCTION fault.on_tenant() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM fault.hit('tenant:removed', OLD.slug);
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.state IS DISTINCT FROM NEW.state THEN
        PERFORM fault.hit('tenant:' || NEW.state, NEW.slug);
    ELSIF OLD.credential_version <> NEW.credential_version THEN
        PERFORM fault.hit('tenant:rotated', NEW.slug);
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION fault.on_operation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM fault.hit('operation:new', NEW.tenant_slug);
    ELSIF OLD.run <> NEW.run THEN
        PERFORM fault.hit('operation:taken', NEW.tenant_slug);
    ELSIF OLD.state <> NEW.state THEN
        PERFORM fault.hit('operation:' || NEW.state, NEW.tenant_slug);
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION fault.on_step() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    slug text := (SELECT tenant_slug FROM tenantry.operations WHERE id = NEW.operation_id);
BEGIN
    IF TG_OP = 'INSERT' OR OLD.state <> NEW.state THEN
        PERFORM fault.hit(NEW.name || ':' || NEW.state, slug);
    ELSE
        PERFORM fault.hit(NEW.name || ':report', slug);
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION fault.on_job() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.name = 'operation' THEN
        PERFORM fault.hit('job:new', (SELECT tenant_slug FROM tenantry.operations WHERE id = NEW.data ->> 'operation'));
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION fault.on_spare() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM fault.hit('spare:' || NEW.state, 'spare');
    RETURN NEW;
END
$$;

CREATE TRIGGER fault BEFORE INSERT OR UPDATE OR DELETE ON tenantry.tenants
    FOR EACH ROW EXECUTE FUNCTION fault.on_tenant();
CREATE TRIGGER fault BEFORE INSERT OR UPDATE ON tenantry.operations
    FOR EACH ROW EXECUTE FUNCTION fault.on_operation();
CREATE TRIGGER fault BEFORE INSERT OR UPDATE ON tenantry.operation_steps
    FOR EACH ROW EXECUTE FUNCTION fault.on_step();
CREATE TRIGGER fault BEFORE INSERT ON pgboss.job
    FOR EACH ROW EXECUTE FUNCTION fault.on_job();
CREATE TRIGGER fault BEFORE INSERT OR UPDATE ON tenantry.spares
    FOR EACH ROW EXECUTE FUNCTION fault.on_spare();

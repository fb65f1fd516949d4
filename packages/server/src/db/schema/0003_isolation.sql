-- Isolation verification: runs, what each part of them came to on each cell, findings, and the verdict. Runs as tenantry_control.

-- A run is an operation; its state and times are the operation's.
CREATE TABLE tenantry.isolation_runs (
    id           text PRIMARY KEY,
    operation_id text NOT NULL UNIQUE REFERENCES tenantry.operations ON DELETE CASCADE,
    cell_ids     text[] NOT NULL,
    parts        text[] NOT NULL CHECK (parts <@ '{audit,oracle,probes,faults}' AND cardinality(parts) > 0),
    trigger      text NOT NULL CHECK (trigger IN ('schedule', 'change', 'request')),
    -- Of a run that came to an end: nothing was found but what is accepted.
    clean        boolean,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX isolation_runs_created_idx ON tenantry.isolation_runs (created_at, id);

-- One part on one cell. It outlives a crash of the run: what is here is not looked at twice in one attempt.
CREATE TABLE tenantry.isolation_results (
    run_id      text NOT NULL REFERENCES tenantry.isolation_runs ON DELETE CASCADE,
    cell_id     text NOT NULL REFERENCES tenantry.cells,
    part        text NOT NULL CHECK (part IN ('audit', 'oracle', 'probes', 'faults')),
    state       text NOT NULL CHECK (state IN ('succeeded', 'failed')),
    error       text,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    seen        integer NOT NULL DEFAULT 0,
    opened      integer NOT NULL DEFAULT 0,
    resolved    integer NOT NULL DEFAULT 0,
    tenants     integer NOT NULL DEFAULT 0,
    server      jsonb,
    notes       text[] NOT NULL DEFAULT '{}',
    attacks     jsonb,
    faults      jsonb,
    -- What became of each check and attack; dropped after a while, the rest of the row stays.
    detail      jsonb,
    PRIMARY KEY (run_id, cell_id, part)
);
CREATE INDEX isolation_results_good_idx ON tenantry.isolation_results (cell_id, part, finished_at)
    WHERE state = 'succeeded';
CREATE INDEX isolation_results_detail_idx ON tenantry.isolation_results (finished_at) WHERE detail IS NOT NULL;

-- Never deleted: what was wrong once stays known.
CREATE TABLE tenantry.isolation_findings (
    id              text PRIMARY KEY,
    cell_id         text NOT NULL REFERENCES tenantry.cells,
    -- Of check and subject: what makes two findings of two runs the same one.
    fingerprint     text NOT NULL,
    part            text NOT NULL CHECK (part IN ('audit', 'oracle', 'probes', 'faults')),
    check_id        text NOT NULL,
    subject         text NOT NULL,
    tenant_id       text,
    severity        text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    message         text NOT NULL,
    evidence        jsonb NOT NULL DEFAULT '{}',
    remediation     text,
    state           text NOT NULL CHECK (state IN ('open', 'accepted', 'resolved')),
    first_seen_at   timestamptz NOT NULL,
    last_seen_at    timestamptz NOT NULL,
    opened_at       timestamptz NOT NULL,
    resolved_at     timestamptz,
    times_opened    integer NOT NULL DEFAULT 1,
    accepted_by     jsonb,
    accepted_reason text,
    accepted_at     timestamptz,
    accepted_until  timestamptz,
    first_run       text,
    last_run        text,
    UNIQUE (cell_id, fingerprint),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    CHECK (state <> 'accepted' OR (accepted_by IS NOT NULL AND accepted_reason IS NOT NULL AND accepted_until IS NOT NULL))
);
CREATE INDEX isolation_findings_state_idx ON tenantry.isolation_findings (state, severity) WHERE state <> 'resolved';
CREATE INDEX isolation_findings_last_seen_idx ON tenantry.isolation_findings (last_seen_at, id);
CREATE INDEX isolation_findings_first_seen_idx ON tenantry.isolation_findings (first_seen_at, id);
CREATE INDEX isolation_findings_tenant_idx ON tenantry.isolation_findings (tenant_id) WHERE tenant_id IS NOT NULL;

-- One row: the verdict as it was last told, and since when.
CREATE TABLE tenantry.isolation_verdict (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    verdict  text NOT NULL CHECK (verdict IN ('verified', 'failing', 'stale', 'unverified')),
    since    timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO tenantry.isolation_verdict (verdict) VALUES ('unverified');

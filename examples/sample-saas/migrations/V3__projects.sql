CREATE TYPE project_state AS ENUM ('draft', 'active', 'on_hold', 'done');

CREATE TABLE projects (
    id           bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    key          text          NOT NULL UNIQUE CHECK (key ~ '^[A-Z][A-Z0-9]{1,7}$'),
    name         text          NOT NULL,
    state        project_state NOT NULL DEFAULT 'draft',
    lead_id      bigint        REFERENCES users (id) ON DELETE SET NULL,
    budget_cents bigint        CHECK (budget_cents >= 0),
    starts_on    date,
    ends_on      date,
    next_number  integer       NOT NULL DEFAULT 1,
    created_at   timestamptz   NOT NULL DEFAULT now(),
    updated_at   timestamptz   NOT NULL DEFAULT now(),
    CONSTRAINT projects_period_check CHECK (ends_on >= starts_on)
);

COMMENT ON COLUMN projects.key IS 'Short prefix of task numbers: ACME-17.';
COMMENT ON COLUMN projects.next_number IS 'Number of the next task; taken with UPDATE … RETURNING, so numbers have no gaps.';

CREATE INDEX projects_account_id_idx ON projects (account_id, state);
CREATE INDEX projects_lead_id_idx ON projects (lead_id);

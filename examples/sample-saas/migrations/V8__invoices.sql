CREATE TYPE invoice_state AS ENUM ('draft', 'sent', 'paid', 'void');

CREATE TABLE invoices (
    id              bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id      bigint        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    subscription_id bigint        REFERENCES subscriptions (id) ON DELETE SET NULL,
    number          text          UNIQUE,
    state           invoice_state NOT NULL DEFAULT 'draft',
    currency        char(3)       NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    tax_percent     numeric(5, 2) NOT NULL DEFAULT 19 CHECK (tax_percent BETWEEN 0 AND 100),
    issued_on       date,
    due_on          date          CHECK (due_on >= issued_on),
    created_at      timestamptz   NOT NULL DEFAULT now(),
    updated_at      timestamptz   NOT NULL DEFAULT now(),
    -- The law wants a number and a date on whatever left the house.
    CONSTRAINT invoices_sent_check CHECK (state = 'draft' OR (number IS NOT NULL AND issued_on IS NOT NULL))
);

CREATE INDEX invoices_account_id_idx ON invoices (account_id, issued_on DESC);
CREATE INDEX invoices_subscription_id_idx ON invoices (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX invoices_overdue_idx ON invoices (due_on) WHERE state = 'sent';

CREATE TABLE invoice_lines (
    invoice_id       bigint         NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
    position         smallint       NOT NULL CHECK (position > 0),
    project_id       bigint         REFERENCES projects (id) ON DELETE SET NULL,
    description      text           NOT NULL,
    quantity         numeric(12, 3) NOT NULL CHECK (quantity > 0),
    unit_price_cents bigint         NOT NULL,
    amount_cents     bigint         NOT NULL GENERATED ALWAYS AS (round(quantity * unit_price_cents)::bigint) STORED,
    PRIMARY KEY (invoice_id, position)
);

COMMENT ON COLUMN invoice_lines.amount_cents IS 'Net amount, rounded per line as the invoice shows it.';

CREATE INDEX invoice_lines_project_id_idx ON invoice_lines (project_id) WHERE project_id IS NOT NULL;

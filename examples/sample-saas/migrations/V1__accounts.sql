-- Ledgerline, the sample product: an agency plans its clients' work, records time and sends invoices.
-- Every name is unqualified: one tenant is one schema, and the search path says which.
CREATE TABLE accounts (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id     uuid        NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    name          text        NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    domain        text        CHECK (domain = lower(domain)),
    currency      char(3)     NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
    billing_email text        CHECK (billing_email LIKE '%_@_%'),
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    archived_at   timestamptz
);

COMMENT ON TABLE accounts IS 'A client company of the agency.';
COMMENT ON COLUMN accounts.public_id IS 'Stands in links that leave the product; the numeric id does not.';

-- Two clients may share a name, but never a mail domain while both are active.
CREATE UNIQUE INDEX accounts_domain_active_key ON accounts (domain) WHERE archived_at IS NULL;
CREATE INDEX accounts_name_idx ON accounts (lower(name) text_pattern_ops);

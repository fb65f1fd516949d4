CREATE TABLE payments (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id   bigint      NOT NULL REFERENCES invoices (id) ON DELETE RESTRICT,
    amount_cents bigint      NOT NULL CHECK (amount_cents <> 0),
    method       text        NOT NULL CHECK (method IN ('transfer', 'card', 'direct_debit')),
    reference    text,
    received_on  date        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN payments.amount_cents IS 'Negative for a refund.';

CREATE INDEX payments_invoice_id_idx ON payments (invoice_id);
-- A payment provider reports the same payment more than once; only the first report counts.
CREATE UNIQUE INDEX payments_reference_key ON payments (method, reference) WHERE reference IS NOT NULL;

DROP VIEW IF EXISTS invoice_totals;

-- Tax is rounded once, on the sum, half away from zero: the same answer on every screen and on paper.
CREATE OR REPLACE FUNCTION tax_cents(net_cents bigint, tax_percent numeric) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN round(net_cents * tax_percent / 100)::bigint;

CREATE VIEW invoice_totals WITH (security_invoker = true) AS
SELECT i.id AS invoice_id,
       i.account_id,
       i.state,
       n.net_cents,
       tax_cents(n.net_cents, i.tax_percent) AS tax_cents,
       n.net_cents + tax_cents(n.net_cents, i.tax_percent) AS gross_cents,
       coalesce((SELECT sum(p.amount_cents) FROM payments p WHERE p.invoice_id = i.id), 0)::bigint AS paid_cents
FROM invoices i
CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.amount_cents), 0)::bigint AS net_cents
    FROM invoice_lines l
    WHERE l.invoice_id = i.id
) n;

COMMENT ON VIEW invoice_totals IS 'Net, tax, gross and paid amounts of every invoice.';

-- Dropped first: CREATE OR REPLACE VIEW cannot change the columns that a view has.
DROP VIEW IF EXISTS account_overview;

-- One row for each active client, for the list on the start screen.
CREATE VIEW account_overview WITH (security_invoker = true) AS
SELECT a.id,
       a.name,
       a.currency,
       p.active_projects,
       p.open_tasks,
       coalesce(i.unpaid_cents, 0) AS unpaid_cents,
       i.oldest_due_on
FROM accounts a
CROSS JOIN LATERAL (
    SELECT count(DISTINCT pr.id) FILTER (WHERE pr.state = 'active') AS active_projects,
           count(t.id) FILTER (WHERE t.status <> 'done') AS open_tasks
    FROM projects pr
    LEFT JOIN tasks t ON t.project_id = pr.id
    WHERE pr.account_id = a.id
) p
CROSS JOIN LATERAL (
    SELECT sum(l.amount_cents)::bigint AS unpaid_cents, min(inv.due_on) AS oldest_due_on
    FROM invoices inv
    JOIN invoice_lines l ON l.invoice_id = inv.id
    WHERE inv.account_id = a.id AND inv.state = 'sent'
) i
WHERE a.archived_at IS NULL;

COMMENT ON VIEW account_overview IS 'Active clients with their open work and unpaid net amounts.';

-- A working day at an agency: what one tenant of the sample looks like after some months of use.
-- Data only, so the tenant's own login can run it; no parameters; sent as one message it is one transaction.
-- The same rows every time in a new tenant: random() is seeded, the time zone fixed, and nothing asks the clock.
-- A second run fails on the first unique key and changes nothing.
SELECT setseed(0.4711), set_config('TimeZone', 'UTC', true);

INSERT INTO accounts (public_id, name, domain, currency, billing_email, created_at, updated_at)
SELECT md5('account-' || n)::uuid, name, domain, currency, 'billing@' || domain, created, created
FROM (VALUES
    (1, 'Bergmann Optik',      'bergmann-optik.example',  'EUR'),
    (2, 'Nordlicht Energie',   'nordlicht.example',       'EUR'),
    (3, 'Casa Verde Catering', 'casaverde.example',       'EUR'),
    (4, 'Halden Logistics',    'halden.example',          'NOK'),
    (5, 'Mill & Harrow',       'millharrow.example',      'GBP'),
    (6, 'Atelier Roche',       'atelier-roche.example',   'EUR'),
    (7, 'Pinetree Dental',     'pinetree-dental.example', 'USD'),
    (8, 'Sato Instruments',    'sato-instruments.example', 'USD')
) AS a (n, name, domain, currency)
CROSS JOIN LATERAL (SELECT timestamptz '2025-02-03 09:00+00' + n * interval '17 days 3 hours' AS created) c
ORDER BY n;

INSERT INTO users (email, full_name, time_zone, last_login_at, created_at, updated_at)
SELECT lower(replace(name, ' ', '.')) || '@ledgerline.example', name, zone,
       timestamptz '2025-11-14 07:30+00' + n * interval '11 minutes',
       timestamptz '2025-01-20 08:00+00' + n * interval '2 days', timestamptz '2025-01-20 08:00+00' + n * interval '2 days'
FROM (VALUES
    (1,  'Ines Albrecht',  'Europe/Berlin'),    (2,  'Tomasz Wrona',   'Europe/Warsaw'),
    (3,  'Farah Haddad',   'Europe/Paris'),     (4,  'Jonas Lindqvist', 'Europe/Stockholm'),
    (5,  'Mei Tanaka',     'Asia/Tokyo'),       (6,  'Oliver Grant',   'Europe/London'),
    (7,  'Priya Nair',     'Asia/Kolkata'),     (8,  'Lucia Moretti',  'Europe/Rome'),
    (9,  'Daniel Okafor',  'Africa/Lagos'),     (10, 'Sofie de Vries', 'Europe/Amsterdam'),
    (11, 'Hannah Weiss',   'Europe/Vienna'),    (12, 'Carlos Ibarra',  'America/Mexico_City')
) AS u (n, name, zone)
ORDER BY n;

-- Two owners see every client; everybody else works for three of them.
INSERT INTO memberships (account_id, user_id, role_code, invited_by, created_at)
SELECT a.id, u.id,
       CASE WHEN u.nr <= 2 THEN 'owner' WHEN u.nr <= 4 THEN 'manager' WHEN u.nr = 12 THEN 'client' ELSE 'contributor' END,
       CASE WHEN u.nr > 2 THEN first_value(u.id) OVER (ORDER BY u.nr) END,
       greatest(a.created_at, u.created_at)
FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) AS nr FROM accounts) a
JOIN (SELECT id, created_at, row_number() OVER (ORDER BY id) AS nr FROM users) u ON u.nr <= 2 OR (u.nr * 3 + a.nr) % 8 < 3
ORDER BY a.nr, u.nr;

INSERT INTO projects (account_id, key, name, state, lead_id, budget_cents, starts_on, ends_on, next_number,
                      created_at, updated_at)
SELECT a.id, p.key, p.name, p.state::project_state, u.id, p.budget * 100,
       date '2025-03-03' + p.n * 14, date '2025-03-03' + p.n * 14 + 120, 13,
       timestamptz '2025-02-24 10:00+00' + p.n * interval '14 days', timestamptz '2025-02-24 10:00+00' + p.n * interval '14 days'
FROM (VALUES
    (1,  1, 'BOSHOP', 'Online shop relaunch',       'active',  42000), (2,  1, 'BOAPP', 'Appointment booking',     'on_hold', 18000),
    (3,  2, 'NLPORT', 'Customer portal',            'active',  96000), (4,  3, 'CVMENU', 'Seasonal menu microsite', 'done',     7500),
    (5,  4, 'HLTRCK', 'Shipment tracking',          'active',  61000), (6,  5, 'MHBRND', 'Brand refresh',           'active',  24000),
    (7,  6, 'ARLOOK', 'Autumn lookbook',            'done',    12000), (8,  7, 'PDCALL', 'Recall campaign',         'active',   9800),
    (9,  8, 'SIDOCS', 'Product documentation',      'active',  33000), (10, 8, 'SIFAIR', 'Trade fair landing page', 'draft',    5200)
) AS p (n, account_nr, key, name, state, budget)
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nr FROM accounts) a ON a.nr = p.account_nr
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nr FROM users) u ON u.nr = p.n % 4 + 1
ORDER BY p.n;

INSERT INTO labels (name, color)
VALUES ('bug', '#dc2626'), ('design', '#7c3aed'), ('copy', '#0891b2'), ('backend', '#15803d'), ('frontend', '#2563eb'),
       ('waiting for client', '#ca8a04'), ('accessibility', '#be185d'), ('analytics', '#475569');

-- Twelve tasks for each project; a draft has only open ones, a finished project only done ones.
WITH drafts AS (
    SELECT p.id AS project_id, p.state, p.created_at AS since, n, random() AS r1, random() AS r2, random() AS r3
    FROM (SELECT * FROM projects ORDER BY id) p CROSS JOIN generate_series(1, 12) AS n
    ORDER BY p.id, n
), staged AS (
    SELECT d.*,
           (CASE WHEN state = 'done' THEN 'done' WHEN state = 'draft' THEN 'open'
                 ELSE (ARRAY['done', 'done', 'done', 'in_review', 'in_progress', 'blocked', 'open', 'open'])[1 + floor(r1 * 8)::int]
            END)::task_status AS status
    FROM drafts d
)
INSERT INTO tasks (project_id, number, title, description, status, priority, assignee_id, reporter_id,
                   estimate_minutes, due_on, completed_at, created_at, updated_at)
SELECT s.project_id, s.n,
       (ARRAY['Kick-off workshop', 'Collect content from the client', 'Wireframes for the main screens', 'Visual design, first round',
              'Set up staging environment', 'Implement navigation', 'Import existing data', 'Payment and invoicing flow',
              'Keyboard and screen reader pass', 'Measure loading time', 'Acceptance test with the client', 'Go live and watch errors'])[s.n],
       (ARRAY['Agree on the goal first, then on the schedule.', 'The client promised the files by Friday; remind them on Wednesday.',
              'Start from the last version and note every difference.', 'Two variants at most, otherwise nobody can decide.'])[1 + floor(s.r2 * 4)::int],
       s.status,
       (CASE WHEN s.r3 < 0.15 THEN 'low' WHEN s.r3 < 0.75 THEN 'normal' WHEN s.r3 < 0.95 THEN 'high' ELSE 'urgent' END)::task_priority,
       CASE WHEN s.status <> 'open' OR s.r2 < 0.5 THEN worker.id END,
       reporter.id,
       30 * (1 + floor(s.r2 * 15)::int),
       (s.since + s.n * interval '9 days')::date,
       CASE WHEN s.status = 'done' THEN s.since + s.n * interval '8 days 5 hours' END,
       s.since + s.n * interval '3 hours',
       s.since + s.n * interval '8 days 5 hours'
FROM staged s
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nr FROM users) worker ON worker.nr = 3 + (s.n * 5 + s.project_id) % 9
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nr FROM users) reporter ON reporter.nr = 1 + (s.n + s.project_id) % 4
ORDER BY s.project_id, s.n;

INSERT INTO task_labels (task_id, label_id)
SELECT t.id, l.id
FROM tasks t
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nr FROM labels) l
  ON l.nr = 1 + t.number % 8 OR (t.number % 3 = 0 AND l.nr = 1 + (t.number * 5) % 8);

INSERT INTO comments (task_id, author_id, body, internal, created_at, updated_at)
SELECT t.id, u.id,
       (ARRAY['The client likes the second variant better.', 'Blocked until the certificate has arrived.', 'Done on staging, please have a look.',
              'I would rather split this: the import alone takes a day.', 'Numbers are in the shared sheet.'])[1 + (t.number + n) % 5],
       (t.number + n) % 6 = 0,
       t.created_at + n * interval '26 hours', t.created_at + n * interval '26 hours'
FROM tasks t
CROSS JOIN generate_series(1, 2) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nr FROM users) u ON u.nr = 1 + (t.number * 7 + n) % 11
WHERE t.number % 12 < 5 + n
ORDER BY t.id, n;

INSERT INTO attachments (id, task_id, uploaded_by, file_name, content_type, size_bytes, sha256, storage_key, created_at)
SELECT md5('file-' || p.key || t.number)::uuid, t.id, t.reporter_id,
       lower(p.key) || '-' || t.number || CASE WHEN t.number % 2 = 0 THEN '.pdf' ELSE '.png' END,
       CASE WHEN t.number % 2 = 0 THEN 'application/pdf' ELSE 'image/png' END,
       20000 + t.number * 13577, sha256(convert_to(p.key || t.number, 'UTF8')),
       'files/' || lower(p.key) || '/' || t.number, t.created_at + interval '1 hour'
FROM tasks t JOIN projects p ON p.id = t.project_id
WHERE t.number IN (2, 3, 4)
ORDER BY t.id;

INSERT INTO time_entries (task_id, user_id, worked_on, minutes, billable, note, created_at)
SELECT t.id, t.assignee_id, (t.created_at + n * interval '1 day')::date, 15 * (2 + (t.number * n) % 12), t.number <> 1,
       CASE WHEN n = 1 THEN 'First pass' ELSE '' END, t.created_at + n * interval '1 day'
FROM tasks t CROSS JOIN generate_series(1, 3) AS n
WHERE t.assignee_id IS NOT NULL AND t.status <> 'open'
ORDER BY t.id, n;

INSERT INTO subscriptions (account_id, plan_code, started_on, cancelled_on, next_bill_on, created_at, updated_at)
SELECT a.id, (ARRAY['care', 'growth', 'partner', 'care'])[1 + a.nr % 4], date '2025-04-01' + (a.nr * 5)::int,
       CASE WHEN a.nr = 6 THEN date '2025-09-30' END, CASE WHEN a.nr <> 6 THEN date '2025-12-01' END,
       a.created_at, a.created_at
FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) AS nr FROM accounts) a
ORDER BY a.nr;

-- One invoice a month for each client from May to November: old ones are paid, the last two are on their way.
INSERT INTO invoices (account_id, subscription_id, number, state, currency, issued_on, due_on, reminder_level, reminded_on, created_at, updated_at)
SELECT a.id, s.id,
       CASE WHEN m < 7 THEN format('2025-%s-%s', lpad((m + 4)::text, 2, '0'), lpad(a.nr::text, 3, '0')) END,
       (CASE WHEN m = 7 THEN 'draft' WHEN m = 6 OR (m = 5 AND a.nr = 3) THEN 'sent' WHEN m = 2 AND a.nr = 5 THEN 'void' ELSE 'paid' END)::invoice_state,
       a.currency, day, day + 14,
       CASE WHEN m = 5 AND a.nr = 3 THEN 1 ELSE 0 END, CASE WHEN m = 5 AND a.nr = 3 THEN day + 21 END,
       day, day
FROM (SELECT id, currency, row_number() OVER (ORDER BY id) AS nr FROM accounts) a
JOIN subscriptions s ON s.account_id = a.id
CROSS JOIN generate_series(1, 7) AS m
CROSS JOIN LATERAL (SELECT make_date(2025, m + 4, 3) AS day) d
ORDER BY m, a.nr;

INSERT INTO invoice_lines (invoice_id, position, project_id, description, quantity, unit_price_cents)
SELECT i.id, 1, NULL, 'Retainer ' || p.title, s.quantity, p.price_cents
FROM invoices i JOIN subscriptions s ON s.id = i.subscription_id JOIN plans p ON p.code = s.plan_code
UNION ALL
SELECT i.id, 1 + row_number() OVER (PARTITION BY i.id ORDER BY pr.id), pr.id, 'Work on ' || pr.name,
       round((6 + (i.id * 7 + pr.id * 3) % 40) * 1.25, 3), 11000
FROM invoices i JOIN projects pr ON pr.account_id = i.account_id AND pr.state IN ('active', 'done');

INSERT INTO payments (invoice_id, amount_cents, method, reference, received_on, created_at)
SELECT t.invoice_id, t.gross_cents,
       (ARRAY['transfer', 'transfer', 'card', 'direct_debit'])[1 + t.account_id % 4],
       'PAY-' || i.number, i.issued_on + 4 + (t.invoice_id % 9)::int, i.issued_on + interval '10 days'
FROM invoice_totals t JOIN invoices i ON i.id = t.invoice_id
WHERE t.state = 'paid'
ORDER BY i.issued_on, i.id;

INSERT INTO api_tokens (id, user_id, name, token_hash, scopes, expires_at, last_used_at, revoked_at, created_at)
SELECT md5('token-' || n)::uuid, u.id, name, sha256(convert_to('sample-token-' || n, 'UTF8')), scopes::text[],
       timestamptz '2026-06-30 00:00+00', timestamptz '2025-11-13 16:20+00' + n * interval '7 minutes',
       CASE WHEN n = 3 THEN timestamptz '2025-10-01 12:00+00' END, timestamptz '2025-06-30 09:00+00'
FROM (VALUES (1, 'Accounting export', '{read,billing}'), (2, 'Status board', '{read}'), (3, 'Old importer', '{read,write}')) AS k (n, name, scopes)
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nr FROM users) u ON u.nr = k.n
ORDER BY n;

INSERT INTO webhooks (url, topics, active, failures, created_by, created_at, updated_at)
SELECT url, topics::text[], active, failures, (SELECT min(id) FROM users), timestamptz '2025-07-01 09:00+00', timestamptz '2025-07-01 09:00+00'
FROM (VALUES
    ('https://hooks.ledgerline.example/accounting', '{invoice.sent,invoice.paid}', true, 0),
    ('https://chat.ledgerline.example/incoming', '{task.done,comment.created}', true, 2),
    ('https://old.ledgerline.example/in', '{task.created}', false, 41)
) AS w (url, topics, active, failures);

INSERT INTO events (topic, actor_id, project_id, subject_id, payload, occurred_at)
SELECT topic, actor_id, project_id, subject_id, payload, at
FROM (
    SELECT 'task.created' AS topic, reporter_id AS actor_id, project_id, id AS subject_id,
           jsonb_build_object('number', number, 'priority', priority) AS payload, created_at AS at
    FROM tasks
    UNION ALL
    SELECT 'task.done', assignee_id, project_id, id, jsonb_build_object('number', number), completed_at
    FROM tasks WHERE status = 'done'
    UNION ALL
    SELECT 'comment.created', c.author_id, t.project_id, c.id, jsonb_build_object('internal', c.internal), c.created_at
    FROM comments c JOIN tasks t ON t.id = c.task_id
    UNION ALL
    SELECT 'invoice.paid', NULL, NULL, p.invoice_id, jsonb_build_object('cents', p.amount_cents), p.created_at
    FROM payments p
) e
ORDER BY at, topic, subject_id;

INSERT INTO notifications (user_id, event_id, channel, read_at, created_at)
SELECT t.assignee_id, e.id, 'inbox',
       CASE WHEN e.occurred_at < timestamptz '2025-09-01' THEN e.occurred_at + interval '3 hours' END, e.occurred_at
FROM events e
JOIN comments c ON c.id = e.subject_id
JOIN tasks t ON t.id = c.task_id
WHERE e.topic = 'comment.created' AND t.assignee_id IS NOT NULL AND t.assignee_id <> c.author_id
ORDER BY e.id;

INSERT INTO audit_log (actor_id, action, table_name, row_id, before, after, at)
SELECT (SELECT min(id) FROM users), 'invoice.void', 'invoices', id::text, '{"state": "sent"}', '{"state": "void"}',
       issued_on + interval '2 days'
FROM invoices WHERE state = 'void';

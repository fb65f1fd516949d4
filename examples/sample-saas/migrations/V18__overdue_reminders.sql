ALTER TABLE invoices
    ADD COLUMN reminded_on     date,
    ADD COLUMN reminder_level  smallint NOT NULL DEFAULT 0,
    ADD CONSTRAINT invoices_reminder_check CHECK (reminder_level BETWEEN 0 AND 3),
    ADD CONSTRAINT invoices_reminded_check CHECK ((reminder_level = 0) = (reminded_on IS NULL));

-- Replaces the plain index on due_on: the reminder job asks for both columns.
DROP INDEX invoices_overdue_idx;
CREATE INDEX invoices_overdue_idx ON invoices (due_on, reminder_level) WHERE state = 'sent';

INSERT INTO settings (key, value) VALUES ('billing.reminder_days', '[7, 14, 28]');

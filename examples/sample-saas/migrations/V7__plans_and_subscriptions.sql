CREATE TABLE plans (
    code          text    PRIMARY KEY,
    title         text    NOT NULL,
    price_cents   integer NOT NULL CHECK (price_cents >= 0),
    billed_every  interval NOT NULL CHECK (billed_every > interval '0'),
    included_minutes integer NOT NULL DEFAULT 0
);

COMMENT ON TABLE plans IS 'Retainers that a client can book.';

INSERT INTO plans (code, title, price_cents, billed_every, included_minutes) VALUES
    ('care',    'Care',            29000, interval '1 month',   240),
    ('growth',  'Growth',         145000, interval '1 month',  1200),
    ('partner', 'Partner',        390000, interval '1 month',  3600),
    ('audit',   'Yearly audit',   480000, interval '1 year',      0);

CREATE TABLE subscriptions (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  bigint      NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    plan_code   text        NOT NULL REFERENCES plans (code),
    quantity    integer     NOT NULL DEFAULT 1 CHECK (quantity BETWEEN 1 AND 100),
    started_on  date        NOT NULL,
    cancelled_on date       CHECK (cancelled_on >= started_on),
    next_bill_on date,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

-- One running subscription of a plan for each client; ended ones stay as history.
CREATE UNIQUE INDEX subscriptions_running_key ON subscriptions (account_id, plan_code) WHERE cancelled_on IS NULL;
CREATE INDEX subscriptions_next_bill_on_idx ON subscriptions (next_bill_on) WHERE cancelled_on IS NULL;

-- One tenant is one schema, and the search path says which: no name here has a schema before it.
CREATE TABLE accounts (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text        NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE accounts IS 'A client company.';

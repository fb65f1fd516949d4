CREATE TABLE time_entries (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id    bigint      NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    user_id    bigint      NOT NULL REFERENCES users (id),
    worked_on  date        NOT NULL,
    minutes    integer     NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
    billable   boolean     NOT NULL DEFAULT true,
    note       text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX time_entries_task_id_idx ON time_entries (task_id);
CREATE INDEX time_entries_user_day_idx ON time_entries (user_id, worked_on) INCLUDE (minutes);

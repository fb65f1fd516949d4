CREATE TYPE task_status AS ENUM ('open', 'in_progress', 'blocked', 'in_review', 'done');
CREATE TYPE task_priority AS ENUM ('low', 'normal', 'high');

CREATE TABLE tasks (
    id               bigint        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id       bigint        NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    parent_id        bigint        REFERENCES tasks (id) ON DELETE CASCADE,
    number           integer       NOT NULL CHECK (number > 0),
    title            text          NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
    description      text          NOT NULL DEFAULT '',
    status           task_status   NOT NULL DEFAULT 'open',
    priority         task_priority NOT NULL DEFAULT 'normal',
    assignee_id      bigint        REFERENCES users (id) ON DELETE SET NULL,
    reporter_id      bigint        NOT NULL REFERENCES users (id),
    estimate_minutes integer       CHECK (estimate_minutes > 0),
    due_on           date,
    completed_at     timestamptz,
    created_at       timestamptz   NOT NULL DEFAULT now(),
    updated_at       timestamptz   NOT NULL DEFAULT now(),
    UNIQUE (project_id, number),
    CONSTRAINT tasks_parent_check CHECK (parent_id <> id),
    CONSTRAINT tasks_completed_check CHECK ((status = 'done') = (completed_at IS NOT NULL))
);

CREATE INDEX tasks_parent_id_idx ON tasks (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_assignee_open_idx ON tasks (assignee_id, due_on) WHERE status <> 'done';
CREATE INDEX tasks_reporter_id_idx ON tasks (reporter_id);
CREATE INDEX tasks_project_status_idx ON tasks (project_id, status, priority DESC);

CREATE TABLE labels (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name  text   NOT NULL,
    color text   NOT NULL DEFAULT '#64748b' CHECK (color ~ '^#[0-9a-f]{6}$')
);

CREATE UNIQUE INDEX labels_name_key ON labels (lower(name));

CREATE TABLE task_labels (
    task_id  bigint NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    label_id bigint NOT NULL REFERENCES labels (id) ON DELETE CASCADE,
    PRIMARY KEY (task_id, label_id)
);

CREATE INDEX task_labels_label_id_idx ON task_labels (label_id);

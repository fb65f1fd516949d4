-- Only what is known about a file; its bytes lie in object storage under storage_key.
CREATE TABLE attachments (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    task_id      bigint      REFERENCES tasks (id) ON DELETE CASCADE,
    comment_id   bigint      REFERENCES comments (id) ON DELETE CASCADE,
    uploaded_by  bigint      NOT NULL REFERENCES users (id),
    file_name    text        NOT NULL CHECK (file_name <> '' AND file_name !~ '[/\\]'),
    content_type text        NOT NULL,
    size_bytes   bigint      NOT NULL CHECK (size_bytes >= 0),
    sha256       bytea       NOT NULL CHECK (length(sha256) = 32),
    storage_key  text        NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- A file belongs to a task or to a comment, never to both and never to nothing.
    CONSTRAINT attachments_subject_check CHECK (num_nonnulls(task_id, comment_id) = 1)
);

CREATE INDEX attachments_task_id_idx ON attachments (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX attachments_comment_id_idx ON attachments (comment_id) WHERE comment_id IS NOT NULL;

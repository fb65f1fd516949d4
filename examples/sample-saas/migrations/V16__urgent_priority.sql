-- A new value may be used once this is committed; no later file relies on it.
ALTER TYPE task_priority ADD VALUE 'urgent';

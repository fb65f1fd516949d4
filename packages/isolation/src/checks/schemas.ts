import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** Schemas: none that is on no list, and no name that means two things. */
export const schemasScan = scan(
  'schemas',
  `,
twin AS (SELECT t.*, count(*) OVER (PARTITION BY lower(t.name)) > 1 AS has_twin FROM tenant t)`,
  [
    {
      check: {
        id: 'schema.unknown',
        title: 'A schema that is not part of the design',
        proves: 'Every schema is a tenant’s or one that the design names.',
        severity: 'high',
        controls: controls.configuration,
        remediation: 'Drop it, or move it to a database of its own.',
      },
      sql: `SELECT 'schema ' || s.name, NULL, NULL, format('The schema %s is neither a tenant''s nor one that the design needs', s.name),
                 jsonb_build_object('owner', pg_get_userbyid(s.owner)), format('DROP SCHEMA %I;', s.name)
            FROM space s WHERE s.kind = 'unknown'`,
    },
    {
      check: {
        id: 'schema.missing',
        title: 'A schema of the design is not there',
        proves: 'What isolation rests on is in place.',
        severity: 'medium',
        controls: controls.configuration,
        remediation: 'Prepare the cell again: a start of the control plane does it.',
      },
      sql: `SELECT 'schema ' || x.name, NULL, NULL, format('The schema %s, which the design needs, is not there', x.name), NULL::jsonb, NULL
            FROM space_rule x WHERE x.required AND NOT EXISTS (SELECT FROM space s WHERE s.name = x.name)`,
    },
    {
      check: {
        id: 'schema.name',
        title: 'A tenant’s schema has a name that can be taken for another',
        proves:
          'No two tenants’ names become one when PostgreSQL cuts them off at 63 bytes, folds their case or reads them as a keyword.',
        severity: 'high',
        controls: controls.access,
        remediation: 'Rename the schema: at most 62 bytes, lower case, no keyword.',
      },
      sql: `SELECT 'schema ' || t.name, t.name, CASE WHEN why = 'case' THEN 'medium' ELSE NULL END,
                 format('The name of the schema %s %s', t.name, CASE why
                   WHEN 'length' THEN 'has 63 bytes: a longer one is cut off to it without a word'
                   WHEN 'case' THEN 'differs from another one in upper and lower case alone'
                   ELSE 'means something else where it is not quoted' END),
                 jsonb_build_object('why', why), NULL
            FROM twin t CROSS JOIN LATERAL (
              SELECT 'length' AS why WHERE octet_length(t.name) >= 63
              UNION ALL SELECT 'case' WHERE t.name <> lower(t.name) AND t.has_twin
              UNION ALL SELECT 'keyword' WHERE lower(t.name) IN ('public', 'none', 'current_user', 'session_user', 'current_role', 'user', '$user', 'extensions', 'default')
            ) AS bad`,
    },
  ],
);

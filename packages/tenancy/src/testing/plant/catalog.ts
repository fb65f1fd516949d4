import type pg from 'pg';

/** A column of a table, as planting needs it. */
export interface Column {
  readonly name: string;
  /** With its modifier, as PostgreSQL writes it: `character varying(20)`. */
  readonly type: string;
  /** The type below domains. */
  readonly base: string;
  /** PostgreSQL's category of the base type: S for texts, N for numbers, … */
  readonly category: string;
  readonly labels: readonly string[];
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** The sequence behind it, of an identity column or a serial, in the schema of the table. */
  readonly sequence: string | null;
}

/** A rule that refuses rows, and the columns that it looks at. */
export interface Rule {
  readonly name: string;
  readonly kind: 'primary' | 'unique' | 'check' | 'exclusion' | 'partition';
  readonly columns: readonly string[];
  readonly definition: string;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: string;
  readonly referenced: readonly string[];
}

/** A table that a tenant may write to. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rules: readonly Rule[];
  readonly foreignKeys: readonly ForeignKey[];
}

/**
 * The tables of a schema that its tenant may insert into: not the history of migrations, and a partitioned table instead of
 * its partitions.
 */
export async function readTables(client: pg.ClientBase, schema: string): Promise<readonly Table[]> {
  const { rows } = await client.query<{ table: Table }>(tablesSql, [schema]);
  return rows.map(({ table }) => table);
}

const tablesSql = `
WITH tables AS (
  SELECT c.oid, c.relname FROM pg_class c
   WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     AND has_table_privilege($1, c.oid, 'INSERT')
     AND (c.relkind = 'r' OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid))
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), bases AS (
  WITH RECURSIVE up (oid, base) AS (
    SELECT oid, CASE typtype WHEN 'd' THEN typbasetype ELSE oid END FROM pg_type
    UNION
    SELECT up.oid, t.typbasetype FROM up JOIN pg_type t ON t.oid = up.base WHERE t.typtype = 'd'
  )
  SELECT up.oid, t.oid AS base, t.typname, t.typcategory FROM up JOIN pg_type t ON t.oid = up.base WHERE t.typtype <> 'd'
)
SELECT jsonb_build_object(
  'name', c.relname,
  'columns', (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
             'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'base', b.typname, 'category', b.typcategory,
             'labels', (SELECT coalesce(jsonb_agg(e.enumlabel ORDER BY e.enumsortorder), '[]') FROM pg_enum e WHERE e.enumtypid = b.base),
             'notNull', a.attnotnull, 'hasDefault', a.atthasdef OR a.attidentity <> '',
             'sequence', replace(coalesce(
                pg_get_serial_sequence(format('%I.%I', $1, c.relname), a.attname),
                substring(pg_get_expr(d.adbin, d.adrelid) from 'nextval\\(''([^'']+)''::regclass\\)')), $1 || '.', '')) ORDER BY a.attnum), '[]')
      FROM pg_attribute a JOIN bases b ON b.oid = a.atttypid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
  'rules', (
    SELECT coalesce(jsonb_agg(rule), '[]') FROM (
      SELECT jsonb_build_object('name', k.conname, 'kind', CASE k.contype WHEN 'c' THEN 'check' ELSE 'exclusion' END,
               'columns', (SELECT coalesce(jsonb_agg(a.attname), '[]') FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey)),
               'definition', pg_get_constraintdef(k.oid)) AS rule
        FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('c', 'x')
      UNION ALL
      SELECT jsonb_build_object('name', n.relname, 'kind', CASE WHEN i.indisprimary THEN 'primary' ELSE 'unique' END,
               'columns', (SELECT coalesce(jsonb_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum)), '[]') FROM pg_attribute a
                            WHERE a.attrelid = c.oid AND a.attnum > 0 AND (a.attnum = ANY (i.indkey)
                               OR i.indexprs IS NOT NULL AND EXISTS (
                                 SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                    AND d.refobjid = c.oid AND d.refobjsubid = a.attnum))),
               'definition', pg_get_indexdef(i.indexrelid))
        FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisunique AND NOT i.indisexclusion
      UNION ALL
      SELECT jsonb_build_object('name', '', 'kind', 'partition',
               'columns', (SELECT coalesce(jsonb_agg(a.attname), '[]') FROM pg_attribute a
                            WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attnum = ANY (p.partattrs)),
               'definition', (SELECT string_agg(pg_get_expr(x.relpartbound, x.oid), E'\\n') FROM pg_inherits h JOIN pg_class x ON x.oid = h.inhrelid
                               WHERE h.inhparent = c.oid))
        FROM pg_partitioned_table p WHERE p.partrelid = c.oid
    ) AS rules),
  'foreignKeys', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', k.conname, 'table', f.relname,
             'columns', (SELECT jsonb_agg(a.attname ORDER BY u.at) FROM unnest(k.conkey) WITH ORDINALITY u (num, at)
                           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num),
             'referenced', (SELECT jsonb_agg(a.attname ORDER BY u.at) FROM unnest(k.confkey) WITH ORDINALITY u (num, at)
                              JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num)) ORDER BY k.conname), '[]')
      FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
     WHERE k.conrelid = c.oid AND k.contype = 'f' AND NOT f.relispartition)
) AS "table"
FROM pg_class c WHERE c.oid IN (SELECT oid FROM tables) ORDER BY c.relname`;

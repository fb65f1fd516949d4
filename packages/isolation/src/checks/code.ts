import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** Functions of PostgreSQL that switch a role, run SQL text, or touch other sessions and files: no stored expression needs one. */
const dangerous =
  '^(set_config|(query|table|schema|database|cursor)_to_xml.*|ts_stat|ts_rewrite|pg_(terminate|cancel)_backend|pg_read_.*|pg_ls_.*|lo_(import|export|get|put|from_bytea)|loread|lowrite|pg_logical_.*|pg_create_.*|pg_reload_conf|pg_rotate_logfile|pg_file_.*|dblink.*)$';

/** What a text may not call: it runs a text as SQL, touches other sessions or files, or leaves the database. */
const outside = `\\m((?:query|table|schema|database|cursor)_to_xml\\w*|ts_stat|pg_(?:terminate|cancel)_backend|pg_read_\\w*|pg_ls_\\w*|lo_import|lo_export|pg_logical_\\w+|pg_create_\\w+|pg_reload_conf|dblink\\w*|copy\\s[^;]*\\s(?:program|''/))\\s*[(''$]`;

/** Where PostgreSQL keeps parsed expressions; their schema is that of the domain or function, or of the table that they belong to. */
const expressions = [
  `SELECT 2604::oid, a.oid, NULL::oid, a.adrelid, a.adbin::text FROM pg_catalog.pg_attrdef a`,
  `SELECT 2606, k.oid, k.connamespace, NULL, k.conbin::text FROM pg_catalog.pg_constraint k WHERE k.conbin IS NOT NULL AND k.oid >= 16384`,
  `SELECT 1259, i.indexrelid, NULL, i.indrelid, coalesce(i.indexprs::text, '') || coalesce(i.indpred::text, '')
     FROM pg_catalog.pg_index i WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL`,
  `SELECT 3256, p.oid, NULL, p.polrelid, coalesce(p.polqual::text, '') || coalesce(p.polwithcheck::text, '') FROM pg_catalog.pg_policy p`,
  `SELECT 2620, t.oid, NULL, t.tgrelid, t.tgqual::text FROM pg_catalog.pg_trigger t WHERE t.tgqual IS NOT NULL`,
  `SELECT 2618, w.oid, NULL, w.ev_class, w.ev_action::text || w.ev_qual::text FROM pg_catalog.pg_rewrite w WHERE w.oid >= 16384`,
  `SELECT 1259, p.partrelid, NULL, p.partrelid, p.partexprs::text FROM pg_catalog.pg_partitioned_table p WHERE p.partexprs IS NOT NULL`,
  `SELECT 3381, s.oid, s.stxnamespace, NULL, s.stxexprs::text FROM pg_catalog.pg_statistic_ext s WHERE s.stxexprs IS NOT NULL`,
  `SELECT 1247, t.oid, t.typnamespace, NULL, t.typdefaultbin::text FROM pg_catalog.pg_type t WHERE t.typdefaultbin IS NOT NULL`,
  `SELECT 1255, p.oid, p.pronamespace, NULL, coalesce(p.proargdefaults::text, '') || coalesce(p.prosqlbody::text, '')
     FROM pg_catalog.pg_proc p WHERE p.oid >= 16384 AND (p.proargdefaults IS NOT NULL OR p.prosqlbody IS NOT NULL)`,
].join('\n  UNION ALL ');

/** The schema of an expression; a table's is looked up only here, since hardly an expression is ever told of. */
const placed = `JOIN space s ON s.oid = coalesce(x.space, (SELECT c.relnamespace FROM pg_catalog.pg_class c WHERE c.oid = x.relation))`;

/**
 * What runs by itself: functions, and the expressions of defaults, checks, indexes, policies, triggers, views and types. Names
 * that PostgreSQL has resolved are found by their dependencies; here are those that stand in a text, and what runs texts.
 */
export const codeScan = scan(
  'code',
  `,
member_of_extension AS MATERIALIZED (
  SELECT d.objid, d.refobjid AS extension FROM pg_catalog.pg_depend d
   WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e' AND d.classid = 'pg_catalog.pg_proc'::regclass
),
routine AS MATERIALIZED (
  SELECT p.oid, p.proname, p.prokind, p.prosrc, p.prosecdef, p.proconfig, p.prolang, l.lanname, l.lanpltrusted, s.name AS space, s.kind AS space_kind,
         s.tenant, r.name AS owner, r.kind AS owner_kind, p.proleakproof, p.prosupport, e.extension,
         'function ' || format('%I.%I(%s)', s.name, p.proname, oidvectortypes(p.proargtypes)) AS subject
    FROM pg_catalog.pg_proc p JOIN space s ON s.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    LEFT JOIN role r ON r.oid = p.proowner LEFT JOIN member_of_extension e ON e.objid = p.oid
   WHERE p.oid >= 16384 AND s.kind NOT IN ('temporary', 'lease')
     AND NOT (p.prolang = 12 AND p.prosrc ~ '^(multi)?range_constructor')
     -- Extensions are allowed by name; what one of them brings is looked at only where it lends rights, or lies among tenants.
     AND (e.extension IS NULL OR s.kind = 'tenant' OR p.prosecdef)
),
-- The same function in a thousand tenants is read once: with the tenant's own name taken out their bodies are one.
body AS MATERIALIZED (
  SELECT CASE WHEN r.tenant IS NULL THEN r.prosrc ELSE replace(r.prosrc, r.tenant, '{schema}') END AS text, array_agg(r.oid) AS oids
    FROM routine r WHERE r.prolang NOT IN (12, 13) GROUP BY 1
),
word AS MATERIALIZED (
  SELECT DISTINCT b.oids, m[2] AS word FROM body b CROSS JOIN LATERAL regexp_matches(b.text, '(["'']?)([[:alpha:]_][[:alnum:]_$]*)(["'']|\\s*\\.)?', 'g') m
   WHERE m[1] <> '' OR m[3] <> '' OR length(m[2]) >= 12
),
switch AS (
  SELECT b.oids FROM body b
   WHERE b.text ~* '\\m(set|reset)\\s+(local\\s+|session\\s+)?(role|session\\s+authorization)\\M'
      -- A literal that begins with it: the statement is put together.
      OR b.text ~* '''\\s*((set|reset)\\s+)?((local|session)\\s+)?(role|session\\s+authorization)\\s'
      OR b.text ~* 'set_config\\s*\\(\\s*([eE]?''(role|session_authorization)''|[^''[:space:]])'
),
calling AS (
  SELECT b.oids, lower((regexp_match(b.text, '${outside}', 'i'))[1]) AS what FROM body b WHERE b.text ~* '${outside}'
),
suspect AS MATERIALIZED (
  SELECT p.oid, p.proname FROM pg_catalog.pg_proc p WHERE p.proname ~ '${dangerous}' OR p.oid IN ('pg_catalog.regclass(text)'::regprocedure, 'pg_catalog.to_regclass(text)'::regprocedure)
),
expression (class, oid, space, relation, tree) AS MATERIALIZED (${expressions}),
-- The same default in a thousand tenants is one tree: each is searched once, and only one with something in it leads back to its objects.
tree AS MATERIALIZED (
  SELECT DISTINCT x.tree FROM expression x
),
calling_tree AS MATERIALIZED (
  SELECT x.tree, f.names FROM tree x
    CROSS JOIN LATERAL (
      SELECT array_agg(DISTINCT u.proname ORDER BY u.proname) AS names FROM suspect u
       WHERE strpos(x.tree, ':funcid ' || u.oid || ' ') > 0 OR strpos(x.tree, ':opfuncid ' || u.oid || ' ') > 0
    ) AS f
   WHERE x.tree ~ (SELECT ':funcid (' || string_agg(oid::text, '|') || ') ' FROM suspect) AND f.names IS NOT NULL
),
called AS MATERIALIZED (
  SELECT x.class, x.oid, s.name AS space, s.tenant, c.names
    FROM calling_tree c JOIN expression x ON x.tree = c.tree ${placed} AND s.kind NOT IN ('system', 'temporary', 'extensions')
),
resolved AS (SELECT c.*, pg_describe_object(c.class, c.oid, 0) AS what FROM called c),
-- The texts in parsed expressions that are as long as a tenant's name, from their own bytes: to print an expression would lock the
-- tables that it is about. Each is made readable once, however many tenants have it.
written AS MATERIALIZED (
  SELECT x.tree, m[1] AS bytes FROM tree x
    CROSS JOIN LATERAL regexp_matches(x.tree, ':constvalue (?:[6-9]|[1-9][0-9]+) \\[ ([-0-9 ]+) \\]', 'g') AS m
   WHERE x.tree ~ ':constvalue (?:[6-9]|[1-9][0-9]+) \\['
),
literal AS MATERIALIZED (
  SELECT x.class, x.oid, s.name AS space, s.tenant, w.bytes
    FROM written w JOIN expression x ON x.tree = w.tree ${placed} AND s.kind NOT IN ('system', 'temporary')
),
readable AS MATERIALIZED (
  SELECT l.bytes, (SELECT string_agg(chr(b::int), '' ORDER BY n) FROM regexp_split_to_table(l.bytes, ' ') WITH ORDINALITY AS x (b, n) WHERE b::int BETWEEN 32 AND 126) AS text
    FROM (SELECT DISTINCT bytes FROM literal) AS l
),
named_in AS MATERIALIZED (
  SELECT r.bytes, t.name FROM readable r JOIN tenant t ON strpos(r.text, t.name) > 0
)`,
  [
    {
      check: {
        id: 'code.definer',
        title: 'A function runs as its owner',
        proves:
          'No function lends its owner’s rights, which are those over a whole schema, to whoever calls it.',
        severity: 'high',
        controls: controls.administration,
        remediation:
          'Make it SECURITY INVOKER; where it must be a definer, pin its search path, revoke it from PUBLIC and accept the finding.',
      },
      sql: `SELECT r.subject, r.tenant, CASE WHEN r.tenant IS NULL OR r.proconfig IS NULL OR r.owner_kind IN ('bootstrap', 'control') THEN 'critical' ELSE NULL END,
                   format('%s is SECURITY DEFINER and runs as %s%s', r.subject, r.owner,
                          CASE WHEN EXISTS (SELECT FROM unnest(r.proconfig) c WHERE c ~ '^search_path=') THEN '' ELSE ', with a search path that the caller chooses' END),
                   jsonb_build_object('owner', r.owner, 'configuration', to_jsonb(r.proconfig)), format('ALTER ROUTINE %s SECURITY INVOKER;', r.oid::regprocedure)
              FROM routine r WHERE r.prosecdef AND NOT (r.space_kind = 'audit' AND r.owner_kind = 'audit' AND EXISTS (
                      SELECT FROM layout, jsonb_to_recordset(j->'definers') AS x (name text, digest text) WHERE x.name = r.proname AND x.digest = md5(r.prosrc)))`,
    },
    {
      check: {
        id: 'code.configuration',
        title: 'A function is set to run as another role or with another tenant’s search path',
        proves: 'No function has a SET clause that changes whose data it reads.',
        severity: 'critical',
        controls: controls.access,
        remediation: 'Reset the setting of the function.',
      },
      sql: `SELECT r.subject || ': ' || split_part(c, '=', 1), r.tenant,
                   CASE WHEN split_part(c, '=', 1) IN ('role', 'session_authorization', 'row_security', 'session_replication_role') OR EXISTS (SELECT FROM tenant t WHERE t.name IS DISTINCT FROM r.tenant AND strpos(c, t.name) > 0) THEN 'critical' ELSE 'medium' END,
                   format('%s has %s', r.subject, split_part(c, '=', 1) || ' set'), jsonb_build_object('setting', c),
                   format('ALTER ROUTINE %s RESET %I;', r.oid::regprocedure, split_part(c, '=', 1))
              FROM routine r CROSS JOIN LATERAL unnest(r.proconfig) AS c
             WHERE (split_part(c, '=', 1) !~ '^(search_path|statement_timeout|lock_timeout|transaction_timeout|idle_in_transaction_session_timeout|work_mem|maintenance_work_mem|temp_file_limit|timezone|datestyle|intervalstyle|lc_.*|bytea_output|extra_float_digits|default_text_search_config|client_min_messages|jit.*|enable_.*|.*_cost|.*parallel.*|plan_cache_mode|constraint_exclusion|cursor_tuple_fraction|from_collapse_limit|join_collapse_limit|geqo.*|random_page_cost|effective_.*|synchronous_commit|xml.*|default_transaction_.*|transaction_.*|plpgsql\\..*|pg_trgm\\..*|app\\..*|check_function_bodies|quote_all_identifiers|gin_.*)$' AND NOT (r.space_kind = 'audit' AND r.owner_kind = 'audit'))
                OR (c ~ '^search_path=' AND EXISTS (SELECT FROM space s WHERE s.kind NOT IN ('system', 'temporary', 'extensions') AND s.tenant IS DISTINCT FROM r.tenant
                      AND s.name = ANY (regexp_split_to_array(regexp_replace(substr(c, 13), '["'' ]', '', 'g'), ','))))`,
    },
    {
      check: {
        id: 'code.role-switch',
        title: 'A function’s body changes the role',
        proves:
          'No stored text sets the role or the session’s user, or calls set_config with a name that is computed.',
        severity: 'critical',
        controls: controls.access,
        remediation: 'Drop the function, or take the statement out of it.',
      },
      sql: `SELECT r.subject, r.tenant, CASE WHEN r.space_kind IN ('control', 'audit') THEN 'medium' ELSE NULL END,
                   format('The body of %s changes the role', r.subject), jsonb_build_object('owner', r.owner), CASE WHEN r.extension IS NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.refobjid = r.oid AND d.deptype = 'n') THEN format('DROP ROUTINE %s;', r.oid::regprocedure) END
              FROM switch s CROSS JOIN LATERAL unnest(s.oids) AS o JOIN routine r ON r.oid = o`,
    },
    {
      check: {
        id: 'code.other-tenant',
        title: 'A function’s body, or an expression’s text, names another tenant',
        proves: 'No stored text is written for the schema of somebody else.',
        severity: 'high',
        controls: controls.access,
        remediation: 'Write names without their schema: the search path says whose they are.',
      },
      sql: `SELECT r.subject || ': ' || t.name, r.tenant, NULL, format('The body of %s names the tenant %s', r.subject, t.name),
                   jsonb_build_object('names', t.name), NULL
              FROM word w CROSS JOIN LATERAL unnest(w.oids) AS o JOIN routine r ON r.oid = o
              JOIN tenant t ON t.name = w.word OR t.name = lower(w.word)
             WHERE t.name IS DISTINCT FROM r.tenant
            UNION ALL
            SELECT pg_describe_object(l.class, l.oid, 0) || ': ' || i.name, l.tenant, NULL, format('%s names the tenant %s', pg_describe_object(l.class, l.oid, 0), i.name),
                   jsonb_build_object('names', i.name), NULL
              FROM literal l JOIN named_in i ON i.bytes = l.bytes WHERE i.name IS DISTINCT FROM l.tenant`,
    },
    {
      check: {
        id: 'code.expression',
        title: 'A stored expression switches a role, runs a text as SQL, or touches other sessions',
        proves:
          'No view, default, check, index, policy or trigger condition calls a function that can read for somebody else.',
        severity: 'critical',
        controls: controls.access,
        remediation: 'Drop the object that has the expression.',
      },
      sql: `SELECT x.what || coalesce(' of ' || x.space, ''), x.tenant, NULL, format('%s calls %s', x.what, array_to_string(array_remove(array_remove(x.names, 'regclass'), 'to_regclass'), ', ')),
                   jsonb_build_object('calls', to_jsonb(x.names)), NULL
              FROM resolved x WHERE cardinality(array_remove(array_remove(x.names, 'regclass'), 'to_regclass')) > 0`,
    },
    {
      check: {
        id: 'code.calls',
        title:
          'A function’s body runs a text as SQL, touches other sessions or files, or leaves the database',
        proves:
          'No stored text calls a function that reads by a text, ends backends or opens files and connections.',
        severity: 'medium',
        controls: controls.boundary,
        remediation: 'Drop the function, or take the call out of it.',
      },
      sql: `SELECT r.subject || ': ' || c.what, r.tenant, NULL, format('The body of %s calls %s', r.subject, c.what), jsonb_build_object('calls', c.what, 'owner', r.owner), NULL
              FROM calling c CROSS JOIN LATERAL unnest(c.oids) AS o JOIN routine r ON r.oid = o`,
    },
    {
      check: {
        id: 'code.trusted',
        title: 'A function has a property that only a superuser can give',
        proves:
          'No function is taken for LEAKPROOF, which lets it see rows that row security hides, and none tells the planner what to think of it.',
        severity: 'medium',
        controls: controls.administration,
        remediation: 'Take the property away, and find out who gave it.',
      },
      sql: `SELECT r.subject || ': ' || CASE WHEN r.proleakproof THEN 'LEAKPROOF' ELSE 'SUPPORT' END, r.tenant, NULL,
                   format('%s is %s', r.subject, CASE WHEN r.proleakproof THEN 'LEAKPROOF' ELSE 'estimated by ' || r.prosupport END), jsonb_build_object('owner', r.owner),
                   CASE WHEN r.proleakproof THEN format('ALTER ROUTINE %s NOT LEAKPROOF;', r.oid::regprocedure) END
              FROM routine r WHERE r.extension IS NULL AND (r.proleakproof OR r.prosupport <> 0)`,
    },
    {
      check: {
        id: 'code.language',
        title: 'A function is written in a language that leaves the database',
        proves: 'What tenants run is SQL and PL/pgSQL: nothing reads files or opens connections.',
        severity: 'critical',
        controls: controls.boundary,
        remediation: 'Drop the function.',
      },
      sql: `SELECT r.subject, r.tenant, NULL, format('%s is written in %s', r.subject, r.lanname), jsonb_build_object('language', r.lanname), CASE WHEN r.extension IS NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.refobjid = r.oid AND d.deptype = 'n') THEN format('DROP ROUTINE %s;', r.oid::regprocedure) END
              FROM routine r WHERE NOT r.lanpltrusted AND r.prokind <> 'a'`,
    },
  ],
);

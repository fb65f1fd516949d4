import { controls } from './controls.ts';
import { scan, type Part } from './scan.ts';

const own = `(SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`;

/** Never installed, whatever a layout says: they run SQL text, or leave the database. */
const refused = `'dblink', 'postgres_fdw', 'file_fdw', 'xml2', 'tablefunc', 'adminpack', 'pageinspect', 'pg_surgery', 'pg_walinspect', 'http', 'pg_net',
  'plpython3u', 'plperlu', 'pltclu', 'plsh', 'pg_background', 'oracle_fdw', 'mysql_fdw', 'tds_fdw', 'mongo_fdw', 'sqlite_fdw', 'multicorn'`;

/** A check on a catalog that must have no row of somebody's making. */
function none(
  id: string,
  title: string,
  proves: string,
  severity: 'critical' | 'high' | 'medium',
  remediation: string,
  sql: string,
): Part {
  return { check: { id, title, proves, severity, controls: controls.boundary, remediation }, sql };
}

/** Whatever belongs to no schema: it is everybody's, or leads out of the database. */
export const sharedScan = scan(
  'shared',
  `,
member_of_extension AS MATERIALIZED (
  SELECT d.classid, d.objid, d.refobjid FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
)`,
  [
    none(
      'shared.extension',
      'An extension that is not part of the design',
      'No extension is installed that runs SQL text or leaves the database, and those that are lie where tenants can use but not change them.',
      'high',
      'Drop it, or move it into the schema for extensions; those that leave the database belong in one without tenants.',
      `SELECT 'extension ' || e.extname, NULL, CASE WHEN e.extname IN (${refused}) THEN 'critical' ELSE NULL END,
              CASE WHEN e.extname IN (${refused}) THEN format('The extension %s runs SQL text, or leaves the database', e.extname)
                   WHEN j->'extensions' ? e.extname OR jsonb_typeof(j->'extensions') <> 'array' THEN format('The extension %s lies in the schema %s', e.extname, s.name)
                   ELSE format('The extension %s is not one that the design allows', e.extname) END,
              jsonb_build_object('schema', s.name, 'version', e.extversion),
              CASE WHEN e.extname IN (${refused}) THEN format('DROP EXTENSION %I;', e.extname) END
         FROM layout CROSS JOIN pg_catalog.pg_extension e JOIN space s ON s.oid = e.extnamespace
        WHERE e.extname <> 'plpgsql' AND (e.extname IN (${refused})
           OR (jsonb_typeof(j->'extensions') = 'array' AND NOT j->'extensions' ? e.extname)
           OR (s.kind NOT IN ('extensions', 'system') AND EXISTS (SELECT FROM space_rule x WHERE x.kind = 'extensions')))`,
    ),
    none(
      'shared.language',
      'A procedural language that is not PostgreSQL’s own',
      'Functions are written in SQL and PL/pgSQL.',
      'critical',
      'Drop the language.',
      `SELECT 'language ' || l.lanname, NULL, NULL, format('There is a language %s', l.lanname), jsonb_build_object('trusted', l.lanpltrusted), CASE WHEN l.oid >= 16384 THEN format('DROP LANGUAGE %I;', l.lanname) END
         FROM pg_catalog.pg_language l WHERE l.oid >= 16384 OR l.lanpltrusted <> (l.lanname IN ('sql', 'plpgsql'))`,
    ),
    none(
      'shared.foreign-data',
      'A foreign-data wrapper, foreign server, user mapping or foreign table',
      'No query leads to another database or a file.',
      'critical',
      'Drop it.',
      `SELECT 'foreign-data wrapper ' || f.fdwname, NULL, NULL, format('There is a foreign-data wrapper %s', f.fdwname), NULL::jsonb, format('DROP FOREIGN DATA WRAPPER %I CASCADE;', f.fdwname)
         FROM pg_catalog.pg_foreign_data_wrapper f
       UNION ALL
       SELECT 'foreign server ' || s.srvname, NULL, NULL, format('There is a foreign server %s', s.srvname), NULL, format('DROP SERVER %I CASCADE;', s.srvname)
         FROM pg_catalog.pg_foreign_server s
       UNION ALL
       SELECT format('user mapping of %s on %s', m.usename, m.srvname), NULL, NULL, format('%s has a user mapping on the server %s', m.usename, m.srvname), NULL, NULL
         FROM pg_catalog.pg_user_mappings m
       UNION ALL
       SELECT format('foreign table %I.%I', s.name, c.relname), s.tenant, NULL, format('%s.%s is a foreign table', s.name, c.relname), NULL, format('DROP FOREIGN TABLE %I.%I;', s.name, c.relname)
         FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid JOIN space s ON s.oid = c.relnamespace`,
    ),
    none(
      'shared.event-trigger',
      'An event trigger',
      'No function runs by itself when somebody migrates, logs in or drops a table.',
      'critical',
      'Drop it. Those of the server’s operator are accepted by name.',
      `SELECT 'event trigger ' || e.evtname, NULL, NULL, format('The event trigger %s calls %s on %s', e.evtname, e.evtfoid::regproc, e.evtevent),
              jsonb_build_object('event', e.evtevent, 'enabled', e.evtenabled <> 'D'), format('DROP EVENT TRIGGER %I;', e.evtname)
         FROM pg_catalog.pg_event_trigger e`,
    ),
    none(
      'shared.replication',
      'A publication, subscription or replication slot',
      'No tenant’s changes are sent out of the database.',
      'high',
      'Drop it. Slots of a standby or a backup are named in the configuration.',
      `SELECT 'publication ' || p.pubname, NULL, NULL, format('The publication %s gives changes away%s', p.pubname, CASE WHEN p.puballtables THEN ' of all tables' ELSE '' END),
              jsonb_build_object('allTables', p.puballtables), format('DROP PUBLICATION %I;', p.pubname)
         FROM pg_catalog.pg_publication p
       UNION ALL
       SELECT 'subscription ' || s.subname, NULL, NULL, format('The subscription %s writes into this database', s.subname), NULL, format('DROP SUBSCRIPTION %I;', s.subname)
         FROM pg_catalog.pg_subscription s WHERE s.subdbid = ${own}
       UNION ALL
       SELECT 'replication slot ' || r.slot_name, NULL, CASE WHEN r.slot_type = 'logical' THEN NULL ELSE 'medium' END, format('There is a %s replication slot %s', r.slot_type, r.slot_name),
              jsonb_build_object('plugin', r.plugin, 'active', r.active), format('SELECT pg_drop_replication_slot(%L);', r.slot_name)
         FROM layout CROSS JOIN pg_catalog.pg_replication_slots r
        WHERE NOT j->'replicationSlots' ? r.slot_name AND NOT r.temporary AND (r.database IS NULL OR r.database = current_database())`,
    ),
    none(
      'shared.cast',
      'A cast, transform or access method that is not PostgreSQL’s own',
      'The same expression means the same for every tenant.',
      'high',
      'Drop it: a cast belongs to the whole database, and may run its function by itself.',
      `SELECT 'cast ' || pg_describe_object('pg_catalog.pg_cast'::regclass, c.oid, 0), s.tenant, CASE WHEN c.castcontext = 'i' THEN NULL ELSE 'medium' END,
              format('There is a %s from %s to %s', pg_describe_object('pg_catalog.pg_cast'::regclass, c.oid, 0), c.castsource::regtype, c.casttarget::regtype),
              jsonb_build_object('implicit', c.castcontext = 'i'), format('DROP CAST (%s AS %s);', c.castsource::regtype, c.casttarget::regtype)
         FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_type t ON t.oid = c.castsource JOIN space s ON s.oid = t.typnamespace
        WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM member_of_extension e WHERE e.classid = 'pg_catalog.pg_cast'::regclass AND e.objid = c.oid)
          -- CREATE TYPE … AS RANGE makes one by itself.
          AND NOT (c.castmethod = 'f' AND t.typtype = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_range g WHERE g.rngtypid = t.oid AND g.rngmultitypid = c.casttarget))
       UNION ALL
       SELECT 'transform ' || pg_describe_object('pg_catalog.pg_transform'::regclass, f.oid, 0), NULL, 'medium', 'There is a ' || pg_describe_object('pg_catalog.pg_transform'::regclass, f.oid, 0), NULL, NULL
         FROM pg_catalog.pg_transform f WHERE NOT EXISTS (SELECT FROM member_of_extension e WHERE e.classid = 'pg_catalog.pg_transform'::regclass AND e.objid = f.oid)
       UNION ALL
       SELECT 'access method ' || a.amname, NULL, 'medium', format('There is an access method %s', a.amname), NULL, NULL
         FROM pg_catalog.pg_am a WHERE a.oid >= 16384 AND NOT EXISTS (SELECT FROM member_of_extension e WHERE e.classid = 'pg_catalog.pg_am'::regclass AND e.objid = a.oid)`,
    ),
    none(
      'shared.extension-member',
      'Something was put into an extension that is not part of it',
      'What passes for part of an extension lies where the extension lies, and belongs to who has installed it.',
      'high',
      'Take it out of the extension with ALTER EXTENSION … DROP, and drop it.',
      `SELECT format('%s of extension %I', pg_describe_object(d.classid, d.objid, 0), e.extname), s.tenant, NULL,
              format('%s is part of the extension %s and does not lie, or belong, where the extension does', pg_describe_object(d.classid, d.objid, 0), e.extname),
              jsonb_build_object('schema', s.name, 'owner', r.name), NULL
         FROM member_of_extension d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
         -- By their number, one after the other: extensions have few members, and a cell has many tables.
         CROSS JOIN LATERAL (SELECT p.pronamespace AS space, p.proowner AS owner FROM pg_catalog.pg_proc p WHERE d.classid = 1255 AND p.oid = d.objid AND p.oid >= 16384
               UNION ALL SELECT c.relnamespace, c.relowner FROM pg_catalog.pg_class c WHERE d.classid = 1259 AND c.oid = d.objid AND c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')) AS o
         JOIN space s ON s.oid = o.space LEFT JOIN role r ON r.oid = o.owner
        WHERE o.space <> e.extnamespace OR (o.owner <> e.extowner AND (r.kind IS NULL OR r.kind NOT IN ('bootstrap', 'operator', 'control')))`,
    ),
    none(
      'shared.owner',
      'What belongs to no schema belongs to somebody it should not',
      'Languages, extensions, tablespaces, foreign servers, publications, event triggers and access to other databases are in no tenant’s hands.',
      'high',
      'Give it to the control role or the superuser.',
      `SELECT o.what, r.tenant, NULL, format('The %s belongs to %s', o.what, coalesce(r.name, 'nobody')), jsonb_build_object('owner', r.name), NULL
         FROM (SELECT 'language ' || l.lanname AS what, l.lanowner AS owner FROM pg_catalog.pg_language l
               UNION ALL SELECT 'extension ' || e.extname, e.extowner FROM pg_catalog.pg_extension e
               UNION ALL SELECT 'tablespace ' || t.spcname, t.spcowner FROM pg_catalog.pg_tablespace t
               UNION ALL SELECT 'publication ' || p.pubname, p.pubowner FROM pg_catalog.pg_publication p
               UNION ALL SELECT 'foreign-data wrapper ' || f.fdwname, f.fdwowner FROM pg_catalog.pg_foreign_data_wrapper f
               UNION ALL SELECT 'foreign server ' || f.srvname, f.srvowner FROM pg_catalog.pg_foreign_server f
               UNION ALL SELECT 'event trigger ' || e.evtname, e.evtowner FROM pg_catalog.pg_event_trigger e) AS o (what, owner)
         LEFT JOIN role r ON r.oid = o.owner
        WHERE (r.kind IS NULL OR r.kind NOT IN ('bootstrap', 'operator', 'control', 'predefined'))
          -- Where the application makes tenants it may have installed an extension.
          AND NOT (r.kind = 'application' AND o.what ~ '^extension ')`,
    ),
    none(
      'shared.tablespace',
      'A tablespace that is not PostgreSQL’s own',
      'Tenants’ tables lie where the server’s operator keeps its data, with what protects that.',
      'medium',
      'Accept the finding where the operator has made it; else move what lies in it, and drop it.',
      `SELECT 'tablespace ' || t.spcname, NULL, 'low', format('There is a tablespace %s', t.spcname), jsonb_build_object('owner', pg_get_userbyid(t.spcowner)), NULL
         FROM pg_catalog.pg_tablespace t WHERE t.oid >= 16384`,
    ),
    none(
      'shared.security-label',
      'A security label',
      'No label gives a role or a table what its privileges do not.',
      'medium',
      'Remove it, or accept the finding where the operator’s extension needs it.',
      `SELECT format('security label of %s on %s', l.provider, l.objtype || ' ' || l.objname), NULL, NULL, format('%s has labelled %s', l.provider, l.objname), NULL::jsonb, NULL
         FROM pg_catalog.pg_seclabels l`,
    ),
  ],
);

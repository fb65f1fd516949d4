/**
 * A process of its own that migrates a schema: `node migrate-process.ts <url> <directory> <schema>`. It writes each line of
 * the log as it happens, so that its parent can end it at a chosen point.
 */
import pg from 'pg';

import { migrate } from '../../src/commands/migrate.ts';
import { defaultSettings } from '../../src/settings.ts';

const [url, directory, schema] = process.argv.slice(2);
if (url === undefined || directory === undefined || schema === undefined)
  throw new Error('three arguments are needed');
const client = new pg.Client({ connectionString: url, application_name: `migrate ${schema}` });
await client.connect();
process.stdout.write('connected\n');
const settings = { ...defaultSettings, locations: [`filesystem:${directory}`], schemas: [schema] };
const { migrationsExecuted } = await migrate(client, settings, ({ message }) => {
  process.stdout.write(`${message}\n`);
});
process.stdout.write(`executed ${migrationsExecuted}\n`);
await client.end();

import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { startTestPostgres } from '@tenantry/tenancy/embedded';
import type { TestPostgres } from '@tenantry/tenancy/embedded';

import { differences, documented, expectedStep, flywayStep } from './differences.ts';
import { normalize, Replay } from './replay.ts';
import type { Scenario } from './replay.ts';

const SCENARIOS = join(import.meta.dirname, 'scenarios');

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

describe('scenarios that the real engine ran', () => {
  it.each(readdirSync(SCENARIOS).toSorted())('%s', async (file) => {
    const scenario = JSON.parse(readFileSync(join(SCENARIOS, file), 'utf8')) as Scenario;
    const root = await realpath(await mkdtemp(join(tmpdir(), 'golden-')));
    onTestFinished(() => rm(root, { recursive: true }));
    const url = await newDatabase(scenario.name);
    const superuser = new pg.Client(url);
    await superuser.connect();
    onTestFinished(() => superuser.end());
    const replay = new Replay(scenario, root, url, superuser);
    for (const [i, step] of scenario.steps.entries()) {
      const expected = expectedStep(scenario.name, i, step);
      const got = await replay.step(step);
      expect(normalized(got), `step ${i}: ${step.cmd}`).toEqual(normalized(expected));
    }
  });
});

async function newDatabase(name: string): Promise<string> {
  const url = new URL(server.superuserUrl);
  const client = new pg.Client(url.href);
  await client.connect();
  await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  await client.end();
  url.pathname = `/${name}`;
  return url.href;
}

/** Times and links differ from run to run. */
function normalized(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) => (typeof part === 'string' ? normalize(part) : part));
}

describe('what differs from Flyway on purpose', () => {
  it.each([...differences])('%s is documented, and still differs', (name, { difference, steps }) => {
    const [number = ''] = name.split('-');
    expect(documented().get(difference)).toContain(number);
    const scenario = JSON.parse(readFileSync(join(SCENARIOS, `${name}.json`), 'utf8')) as Scenario;
    for (const [index, expected] of Object.entries(steps)) {
      const step = scenario.steps[Number(index)];
      if (step === undefined) throw new Error(`${name} has no step ${index}`);
      expect(normalized(expected)).not.toEqual(normalized(flywayStep(step)));
    }
  });
});

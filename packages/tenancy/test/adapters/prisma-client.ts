import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { TenantPrismaAdapter } from '../../src/adapters/prisma.ts';

export interface Note {
  readonly id: number;
  readonly body: string;
}

/** The part of the generated client that the tests use; its own types are made with it, too late for the checker. */
export interface NotesClient {
  readonly note: {
    findMany(args?: object): Promise<Note[]>;
    findUnique(args: { where: { id: number }; select?: object }): Promise<Note | null>;
    create(args: { data: Note }): Promise<Note>;
    updateMany(args: { data: { body: string } }): Promise<{ count: number }>;
  };
  $queryRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<Record<string, unknown>[]>;
  $transaction<T>(fn: (tx: NotesClient) => Promise<T>, options?: object): Promise<T>;
  $transaction(queries: readonly Promise<unknown>[]): Promise<unknown[]>;
  $disconnect(): Promise<void>;
}

export interface Generated {
  readonly PrismaClient: new (options: { readonly adapter: TenantPrismaAdapter }) => NotesClient;
  remove(): Promise<void>;
}

/** Generates the client of `schema.prisma` in a directory of its own. Nothing is downloaded. */
export async function generateClient(): Promise<Generated> {
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-prisma-'));
  const modules = fileURLToPath(new URL('../../../../node_modules', import.meta.url));
  await symlink(modules, join(directory, 'node_modules'));
  await copyFile(new URL('schema.prisma', import.meta.url), join(directory, 'schema.prisma'));
  await promisify(execFile)(
    process.execPath,
    [join(modules, 'prisma/build/index.js'), 'generate', '--schema', 'schema.prisma'],
    {
      cwd: directory,
      // The schema engine is for migrations, and would be downloaded.
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
        CHECKPOINT_DISABLE: '1',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
      },
    },
  );
  const client = (await import(pathToFileURL(join(directory, 'client/client.ts')).href)) as Pick<
    Generated,
    'PrismaClient'
  >;
  return { PrismaClient: client.PrismaClient, remove: () => rm(directory, { recursive: true, force: true }) };
}

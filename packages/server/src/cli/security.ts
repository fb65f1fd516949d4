import { setTimeout as delay } from 'node:timers/promises';
import {
  securityEventKinds,
  securityEventSources,
  type ListSecurityEvents,
  type SecurityEvent,
} from '@tenantry/contract';
import { Option, type Command } from 'commander';
import { pageOptions, type PageFlags } from './arguments.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { notePage, readPages } from './pages.ts';
import { printTable } from './render.ts';
import type { Cli, Session } from './session.ts';
import { messages } from './sse.ts';
import { parseMoment, relativeTime } from './time.ts';

interface Filters {
  readonly tenant?: string;
  readonly kind?: SecurityEvent['kind'];
  readonly sqlState?: string;
  readonly source?: SecurityEvent['source'];
  readonly from?: string;
  readonly to?: string;
}

/** `tenantry security …`: statements and logins that were refused. */
export function securityCommands(program: Command, cli: Cli): void {
  const security = program
    .command('security')
    .description('statements and logins that PostgreSQL, or a lane, has refused');

  pageOptions(
    security
      .command('list')
      .description('list what was refused, newest minute first, equal refusals of a minute together')
      .option('--tenant <tenant>', 'of this tenant, by id or slug')
      .addOption(new Option('--kind <kind>', 'of this kind').choices(securityEventKinds))
      .option('--sql-state <state>', 'with this SQLSTATE, as 42501')
      .addOption(new Option('--source <source>', 'seen by').choices(securityEventSources))
      .option('--from <time>', 'not before this: 2026-01-31T12:00:00Z, or how long ago as 24h', (text) =>
        parseMoment('--from', text),
      )
      .option('--to <time>', 'before this', (text) => parseMoment('--to', text)),
  )
    .addHelpText('after', '\nExample:\n  tenantry security list --kind denied --from 24h')
    .action((flags: Filters & PageFlags) => cli.connected((session) => list(session, flags)));

  security
    .command('watch')
    .description('show what is refused as it happens, until Ctrl-C; with --json one document a line')
    .option('--tenant <id>', 'of this tenant, by id or slug')
    .addHelpText('after', '\nExample:\n  tenantry security watch --json | jq -r .kind')
    .action((flags: Pick<Filters, 'tenant'>) => cli.connected((session) => watch(session, flags)));
}

/** What the flags ask for, as the API takes it. */
function filtersOf({ tenant, kind, sqlState, source, from, to }: Filters): ListSecurityEvents {
  const given = Object.entries({ tenant, kind, sqlState, source, from, to });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

async function list({ client, out }: Session, flags: Filters & PageFlags): Promise<ExitCode> {
  const query = filtersOf(flags);
  const page = await readPages(out, flags, (at) =>
    client.call('listSecurityEvents', { query: { ...query, ...at } }),
  );
  if (out.json) {
    out.document(page);
    return exitCodes.ok;
  }
  printTable<SecurityEvent>(
    out,
    page.items,
    [
      { title: 'last', value: ({ lastAt }) => relativeTime(lastAt), drop: 5 },
      { title: 'count', value: ({ count }) => String(count), align: 'right' },
      { title: 'kind', value: ({ kind }) => kind, min: 10 },
      { title: 'tenant', value: ({ tenantSlug, tenantId }) => tenantSlug ?? tenantId ?? '', min: 8 },
      { title: 'sqlstate', value: ({ sqlState }) => sqlState ?? '', drop: 6 },
      { title: 'source', value: ({ source }) => source, drop: 4 },
      { title: 'lane', value: ({ lane }) => lane ?? '', drop: 2 },
      { title: 'cell', value: ({ cell }) => cell ?? '', drop: 1 },
      { title: 'fingerprint', value: ({ fingerprint }) => fingerprint ?? '', drop: 3 },
    ],
    'Nothing was refused.',
  );
  notePage(out, page, 'rows');
  return exitCodes.ok;
}

/** Until Ctrl-C: a stream that breaks is resumed after its last message. */
async function watch(session: Session, { tenant }: Pick<Filters, 'tenant'>): Promise<ExitCode> {
  const { client, out, interrupted } = session;
  const id = tenant && (await client.call('getTenant', { params: { tenant } })).id;
  const topics = id ? `security:${id}` : 'security';
  let last: string | undefined;
  out.note('Watching. Ctrl-C ends it.');
  for (let pause = 100; !interrupted.aborted; pause = Math.min(pause * 2, 2_000)) {
    try {
      const response = await client.open('listenEvents', {
        query: { topics },
        signal: interrupted,
        ...(last === undefined ? {} : { headers: { 'last-event-id': last } }),
      });
      for await (const { id: at, event, data } of messages(response)) {
        last = at ?? last;
        pause = 100;
        if (event === 'security.events') print(session, data);
      }
    } catch (error) {
      if (interrupted.aborted) break;
      // The first time it says what is wrong: a missing permission, a wrong address.
      if (last === undefined) throw error;
    }
    await delay(pause, undefined, { signal: interrupted }).catch(() => undefined);
  }
  return exitCodes.ok;
}

interface Told {
  readonly data: {
    readonly tenantId: string | null;
    readonly events: readonly Omit<SecurityEvent, 'id' | 'tenantId' | 'tenantSlug'>[];
  };
}

function print({ out }: Session, text: string): void {
  const { data } = JSON.parse(text) as Told;
  for (const event of data.events) {
    if (out.json) {
      out.jsonLine({ tenantId: data.tenantId, ...event });
      continue;
    }
    const { lastAt, kind, count, sqlState, source, lane, fingerprint } = event;
    const parts = [lastAt, data.tenantId ?? '-', kind, `×${count}`, sqlState, source, lane, fingerprint];
    out.print(parts.filter((part) => part !== null).join('  '));
  }
}

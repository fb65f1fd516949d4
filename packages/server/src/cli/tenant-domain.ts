import type { TenantDomain } from '@tenantry/contract';
import type { Command } from 'commander';
import { reference } from './arguments.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { printTable } from './render.ts';
import type { Cli, Session } from './session.ts';
import { relativeTime } from './time.ts';

const changes = [
  {
    name: 'add',
    endpoint: 'addTenantDomain',
    description: 'let a custom domain lead to a tenant; check first that the customer owns it',
    example: 'tenantry tenant domain add acme app.acme.com',
  },
  {
    name: 'remove',
    endpoint: 'removeTenantDomain',
    description: 'take a custom domain from a tenant; applications stop routing it within a second',
    example: 'tenantry tenant domain remove acme app.acme.com',
  },
] as const;

/** `tenantry tenant domain …`: the host names of customers that lead to their tenants. */
export function tenantDomains(tenant: Command, cli: Cli): void {
  const domain = tenant.command('domain').description('custom domains that lead to a tenant');

  for (const { name, endpoint, description, example } of changes) {
    domain
      .command(name)
      .description(description)
      .argument('<tenant>', 'its id or its slug', reference)
      .argument('<domain>', 'a host name, as app.example.com', reference)
      .addHelpText('after', `\nExample:\n  ${example}`)
      .action((ref: string, host: string) =>
        cli.connected(async (session) => {
          const params = { tenant: ref, domain: host };
          const changed = await session.client.call(endpoint, { params });
          if (session.out.json) session.out.document(changed);
          else session.out.print(changed.domain);
          return exitCodes.ok;
        }),
      );
  }

  domain
    .command('list')
    .description('list the custom domains of a tenant')
    .argument('<tenant>', 'its id or its slug', reference)
    .addHelpText('after', '\nExample:\n  tenantry tenant domain list acme')
    .action((ref: string) => cli.connected((session) => list(session, ref)));
}

async function list({ client, out }: Session, ref: string): Promise<ExitCode> {
  const domains = await client.call('listTenantDomains', { params: { tenant: ref } });
  if (out.json) {
    out.document(domains);
    return exitCodes.ok;
  }
  printTable<TenantDomain>(
    out,
    domains.items,
    [
      { title: 'domain', value: ({ domain }) => domain, min: 12 },
      { title: 'added', value: ({ createdAt }) => relativeTime(createdAt), drop: 1 },
    ],
    'No custom domains.',
  );
  return exitCodes.ok;
}

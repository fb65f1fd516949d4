import { baseUrl } from '../../lib/base.ts';

export interface ShellSnippet {
  readonly title: string;
  readonly code: string;
}

const authorization = '-H "Authorization: Bearer $TOKEN"';

/** What one asks of the API about a tenant, for a shell. */
export function curlSnippets(slug: string): readonly ShellSnippet[] {
  const tenant = `${baseUrl}/v1/tenants/${slug}`;
  return [
    { title: 'Read the tenant', code: `curl -s ${authorization} \\\n  ${tenant}` },
    {
      title: 'Where it lives, as an application asks',
      code: `curl -s ${authorization} \\\n  ${baseUrl}/v1/placements/${slug}`,
    },
    {
      title: 'What happened to it, newest first',
      code: `curl -s ${authorization} \\\n  '${baseUrl}/v1/audit?tenant=${slug}&limit=10'`,
    },
    {
      title: 'Provision another one',
      code: [
        `curl -s -X POST ${baseUrl}/v1/tenants ${authorization}`,
        '-H "Idempotency-Key: $(uuidgen)"',
        "-H 'content-type: application/json'",
        `-d '{"slug":"${`${slug}-staging`.slice(0, 63)}"}'`,
      ].join(' \\\n  '),
    },
    {
      title: 'Suspend it: PostgreSQL ends its connections',
      code: [
        `curl -s -X POST ${tenant}/suspend ${authorization}`,
        "-H 'content-type: application/json'",
        `-d '{"reason":"unpaid invoice"}'`,
      ].join(' \\\n  '),
    },
    {
      title: 'Follow what happens, live',
      code: `curl -sN ${authorization} \\\n  '${baseUrl}/v1/events?topics=tenants,operations'`,
    },
  ];
}

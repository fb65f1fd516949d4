import { evidenceFormats, type Evidence, type EvidenceFormat } from '@tenantry/contract';
import { Option, type Command } from 'commander';
import { collect, pageOptions, reference, type PageFlags } from './arguments.ts';
import { outcomeOf } from './evidence-print.ts';
import { download } from './evidence-report.ts';
import { verifyChainOnServer, verifyLocally, type VerifyFlags } from './evidence-verify.ts';
import { exitCodes, usageError, type ExitCode } from './exit.ts';
import { notePage, readPages } from './pages.ts';
import { printTable } from './render.ts';
import type { Cli, Session } from './session.ts';
import { relativeTime } from './time.ts';

interface GetFlags {
  readonly format: EvidenceFormat;
  readonly output?: string;
}

/** `tenantry evidence …`: reports that were issued, and the proof that they are what was issued. */
export function evidenceCommands(program: Command, cli: Cli): void {
  const evidence = program
    .command('evidence')
    .description('signed reports of tenant isolation: list, download, verify');

  pageOptions(
    evidence
      .command('list')
      .description('list reports, newest first')
      .option('--tenant <tenant>', 'those for this tenant, by id or slug'),
  )
    .addHelpText('after', '\nExample:\n  tenantry evidence list --tenant acme')
    .action((flags: PageFlags & { readonly tenant?: string }) =>
      cli.connected((session) => list(session, flags)),
    );

  evidence
    .command('get')
    .description('download a report that was issued')
    .argument('<report>', 'its id', reference)
    .addOption(new Option('--format <format>', 'its form').choices(evidenceFormats).default('json'))
    .option('--output <file>', 'write a file, or into a directory with / at its end; else to stdout')
    .addHelpText('after', '\nExample:\n  tenantry evidence get ev_k3v… --format pdf --output report.pdf')
    .action((id: string, flags: GetFlags) =>
      cli.connected(async (session) => {
        const files = await download(session, { id }, flags.format, flags.output);
        for (const file of files) session.out.note(`Wrote ${file}.`);
        return exitCodes.ok;
      }),
    );

  evidence
    .command('keys')
    .description('the public keys that reports were signed with; --quiet prints the current one as PEM')
    .addHelpText('after', '\nExample:\n  tenantry evidence keys --quiet > public-key.pem')
    .action(() => cli.connected(keys));

  verifyCommand(evidence, cli);
}

function verifyCommand(evidence: Command, cli: Cli): void {
  evidence
    .command('verify')
    .description('check reports, pages, prints and manifests; exits with 1 if one is not what was issued')
    .argument('[files...]', 'without files: the chain that the control plane keeps')
    .option('--key <file>', 'the public key, in PEM; may be repeated where keys were changed', collect)
    .option('--head <hash>', 'hash of the newest report, noted elsewhere: shows that none was cut off')
    .option(
      '--since <hash>',
      'hash of the report before the first file, where the files are not the whole chain',
    )
    .option('--tenant <tenant>', 'without files: the chain of this tenant')
    .addHelpText(
      'after',
      `
With files it needs the public key, and no control plane, no database and no network. Several reports are checked as a chain, in
the order in which they are given: all of them, from the first.

Examples:
  tenantry evidence verify report.json --key public-key.pem
  tenantry evidence verify report.json report.html report.pdf manifest.json --key public-key.pem
  tenantry evidence verify reports/*.json --key public-key.pem --head 5f1c…`,
    )
    .action((files: string[], flags: VerifyFlags) => {
      if (files.length === 0) return cli.connected((session) => verifyChainOnServer(session, flags));
      if (flags.key === undefined) throw usageError('Files are verified with a public key: give --key FILE.');
      return cli.run(() => verifyLocally(cli.out, files, flags.key!, flags));
    });
}

async function list(
  { client, out }: Session,
  flags: PageFlags & { readonly tenant?: string },
): Promise<ExitCode> {
  const filter = flags.tenant === undefined ? {} : { tenant: flags.tenant };
  const page = await readPages(out, flags, (at) =>
    client.call('listEvidence', { query: { ...filter, ...at } }),
  );
  if (out.json) {
    out.document(page);
    return exitCodes.ok;
  }
  printTable<Evidence>(
    out,
    page.items,
    [
      { title: 'report', value: ({ id }) => id },
      { title: 'about', value: ({ tenantId }) => tenantId ?? 'installation', min: 12 },
      { title: 'no.', value: ({ sequence }) => String(sequence), align: 'right' },
      { title: 'outcome', value: outcomeOf },
      { title: 'findings', value: ({ findings }) => String(findings), align: 'right', drop: 3 },
      { title: 'issued', value: ({ issuedAt }) => relativeTime(issuedAt), drop: 4 },
      { title: 'by', value: ({ issuedBy }) => issuedBy, min: 8, drop: 2 },
      { title: 'hash', value: ({ hash }) => hash.slice(0, 16), drop: 1 },
    ],
    'No reports. Issue one: tenantry isolation report',
  );
  notePage(out, page, 'reports');
  return exitCodes.ok;
}

async function keys({ client, out }: Session): Promise<ExitCode> {
  const { items } = await client.call('listEvidenceKeys', {});
  if (out.json) out.document({ items });
  else
    for (const { id, publicKey, createdAt, current } of items) {
      if (out.quiet && !current) continue;
      if (!out.quiet) out.print(`${id}  since ${createdAt}${current ? ', signs now' : ''}`);
      out.print(publicKey.trimEnd());
    }
  return exitCodes.ok;
}

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  buildReport,
  canonical,
  renderForms,
  sealManifest,
  sealReport,
  signingKey,
  toEvidenceJson,
  verifyChain,
  verifyFiles,
  verifyingKey,
  type SignedReport,
  type SigningKey,
} from '../evidence/index.ts';
import { IsolationError } from '../isolation-error.ts';
import { fromJson } from '../report/index.ts';
import { printable } from '../report/text.ts';
import { exitCodes, type ExitCode } from './failure.ts';
import type { IsolationHost } from './host.ts';

const help = (program: string) => `Usage: ${program} evidence issue <run.json> --output <file>…
       ${program} evidence verify <file>… --key <public-key.pem>…

issue   makes a signed report of a run that "report --output run.json" has saved: as .html, as .pdf, or as .json, which is what is
        signed; .manifest.json has the hashes of the others. The key is TENANTRY_EVIDENCE_KEY, a private key for Ed25519 in PEM:
        openssl genpkey -algorithm ed25519
verify  checks reports, pages, prints with their manifests, and chains of reports in their order. Needs the public key and nothing else:
        openssl pkey -in private-key.pem -pubout

Options:
  --output <file>  of issue; may be repeated
  --key <file>     of verify: a public key; may be repeated
  --head <hash>    of verify: the hash of the newest report, known from elsewhere
  --since <hash>   of verify: the hash of the report before the first

Exit codes: 0 all is what was issued, 1 something is not, 2 not usable
`;

const options = {
  output: { type: 'string', multiple: true },
  key: { type: 'string', multiple: true },
  head: { type: 'string' },
  since: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Runs `evidence issue` and `evidence verify`; needs no database. Throws ISOLATION_OPTION. */
export async function runEvidence(
  argv: readonly string[],
  host: IsolationHost,
  version: string,
): Promise<ExitCode> {
  const { values, positionals } = parse(argv);
  const [verb, ...files] = positionals;
  if (values.help === true || verb === undefined) {
    host.stdout.write(help(host.program ?? 'tenantry-isolation'));
    return values.help === true ? exitCodes.clean : exitCodes.usage;
  }
  if (verb === 'issue') return issue(files, values.output ?? [], host, version);
  if (verb === 'verify') return verify(files, values.key ?? [], values, host);
  return refuse(`evidence can issue and verify; not "${verb}".`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    return refuse((error as Error).message.split('\n')[0]!);
  }
}

async function issue(
  files: readonly string[],
  outputs: readonly string[],
  host: IsolationHost,
  version: string,
): Promise<ExitCode> {
  const [file] = files;
  if (file === undefined || files.length > 1) return refuse('evidence issue takes one saved run.');
  if (outputs.length === 0)
    return refuse('Say where to: --output report.html, .pdf, .json or .manifest.json.');
  const unknown = outputs.find((name) => !/\.(json|html|pdf)$/.test(name));
  if (unknown !== undefined)
    return refuse(
      `--output: the name of "${unknown}" says no format; it ends in .json, .html, .pdf or .manifest.json.`,
    );
  const key = keyOf(host);
  const signed = await sealed(await readFile(at(host, file), 'utf8'), key, version);
  const { html, pdf } = await renderForms(signed);
  const contents = outputs
    .filter((name) => !name.endsWith('.manifest.json'))
    .map((name) => ({
      name,
      mediaType: name.endsWith('.html')
        ? 'text/html'
        : name.endsWith('.pdf')
          ? 'application/pdf'
          : 'application/json',
      content: name.endsWith('.html')
        ? Buffer.from(html)
        : name.endsWith('.pdf')
          ? pdf
          : Buffer.from(toEvidenceJson(signed)),
    }));
  for (const { name, content } of contents) await writeFile(at(host, name), content);
  const listed = contents.map(({ name, mediaType, content }) => ({
    name: basename(name),
    mediaType,
    content,
  }));
  for (const name of outputs.filter((each) => each.endsWith('.manifest.json')))
    await writeFile(at(host, name), canonical(sealManifest(signed, listed, key)));
  host.stdout.write(`${signed.report.verdict.headline}\nSHA-256 ${signed.hash}\nSigned with ${key.id}\n`);
  return exitCodes.clean;
}

/** A report that stands alone: a saved run knows of no registry, no series and no report before it. */
async function sealed(text: string, key: SigningKey, version: string): Promise<SignedReport> {
  const result = fromJson(text);
  const id = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const { database, systemIdentifier } = result.server;
  return sealReport(
    buildReport({
      id: `ev_${id}`,
      issuedAt: result.finishedAt,
      issuedBy: result.server.role,
      software: { name: 'tenantry-isolation', version },
      installation: systemIdentifier === null ? database : `${database} (system ${systemIdentifier})`,
      keyId: key.id,
      chain: { name: 'installation', sequence: 1, previous: null },
      tenant: null,
      period: { from: result.startedAt, to: result.finishedAt },
      tenants: null,
      runs: [
        {
          id: `run_${id}`,
          cell: database,
          kind: 'single run',
          trigger: 'command line',
          actor: result.server.role,
          result,
        },
      ],
      acceptances: [],
      accessMatrices: [],
      lifecycle: null,
    }),
    key,
  );
}

function keyOf({ env }: IsolationHost): SigningKey {
  const pem = env['TENANTRY_EVIDENCE_KEY'];
  if (pem === undefined || pem === '')
    return refuse(
      'There is no key to sign with: set TENANTRY_EVIDENCE_KEY to what "openssl genpkey -algorithm ed25519" prints.',
    );
  return signingKey(pem);
}

async function verify(
  names: readonly string[],
  keyFiles: readonly string[],
  { head, since }: { readonly head?: string | undefined; readonly since?: string | undefined },
  host: IsolationHost,
): Promise<ExitCode> {
  if (names.length === 0) return refuse('evidence verify takes the files to check.');
  if (keyFiles.length === 0) return refuse('Files are verified with a public key: give --key FILE.');
  const keys = await Promise.all(
    keyFiles.map(async (name) => verifyingKey(await readFile(at(host, name), 'utf8'))),
  );
  const files = await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(at(host, name)) })),
  );
  const results = verifyFiles(files, keys);
  for (const { name, kind, ok, problems } of results) {
    const why = problems.map(({ code, message }) => ` ${code}: ${message}`).join('');
    host.stdout.write(`${printable(`${ok ? 'ok    ' : 'FAILED'} ${name} (${kind})${why}`)}\n`);
  }
  const reports = files.filter((_, index) => results[index]!.kind === 'report');
  const texts = reports.map(({ content }) => content.toString('utf8'));
  const isChain = texts.length > 1 || head !== undefined || since !== undefined;
  const chain = isChain ? verifyChain(texts, keys, { head, since }) : null;
  if (chain !== null) {
    const why =
      chain.broken === null ? `head ${chain.head}` : `${chain.broken.code}: ${chain.broken.message}`;
    host.stdout.write(`${printable(`${chain.ok ? 'ok    ' : 'FAILED'} chain of ${texts.length}, ${why}`)}\n`);
  }
  return results.every(({ ok }) => ok) && chain?.ok !== false ? exitCodes.clean : exitCodes.finding;
}

function at({ directory = '.' }: IsolationHost, file: string): string {
  return resolve(directory, file);
}

function refuse(message: string): never {
  throw new IsolationError('ISOLATION_OPTION', message);
}

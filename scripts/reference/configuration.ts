import { tenantry } from './command-line.ts';

/** Every option of `tenantry up`, and what else the environment says. */
export async function renderConfiguration(): Promise<string> {
  return [
    'Options of `tenantry up`. A flag wins over the environment variable, the variable over the default; an empty variable is the same as none. ' +
      'Durations are written `90s`, `15m`, `12h`, `7d`. `tenantry config` shows the values in effect, secrets hidden.',
    (await tenantry('config', '--markdown')).trim(),
    'A flag that ends in `-file` names a file that holds the value; its variable holds the value itself. Arguments of a process can be read by every user of a machine.',
    '## For the command line',
    [
      '| Variable | Default | Meaning |',
      '|---|---|---|',
      '| `TENANTRY_URL` | http://127.0.0.1 at `TENANTRY_PORT` or 7700 | The control plane that commands talk to; `--url` wins over it |',
      '| `TENANTRY_TOKEN` | the file `admin-token` under `TENANTRY_HOME`, for a control plane on this machine | The API key |',
      '| `CELL_URL` | none | The connection string for `tenantry cell add`; `--url-env` names another variable |',
    ].join('\n'),
  ].join('\n\n');
}

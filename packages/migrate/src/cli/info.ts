import { info } from '../commands/info.ts';
import type { MigrationInfo, MigrationInfoList } from '../info/list.ts';
import { toJson, toTable } from '../info/render.ts';
import { compareVersions, versionParts } from '../version.ts';
import { exitCodes, UsageError } from './failure.ts';
import { logTo } from './log.ts';
import type { OptionValues } from './options.ts';
import { printable } from './output.ts';
import type { Outcome, Run } from './run.ts';

/** `info`: the table that Flyway prints, or its JSON. */
export async function runInfo({ out, options, configuration, connection }: Run): Promise<Outcome> {
  const wanted = filterOf(options);
  const result = await info(await connection(), configuration.settings, logTo(out));
  const list: MigrationInfoList = { ...result.list, entries: result.list.entries.filter(wanted) };
  if (options.migrationIds) {
    if (!out.json)
      out.print(printable(list.entries.map((entry) => entry.version ?? entry.description).join(',')));
  } else if (!out.json) {
    out.info(`Schema version: ${result.list.current?.version ?? '<< Empty Schema >>'}\n`);
    out.print(printable(toTable(list)));
  }
  return { exitCode: exitCodes.ok, document: { ...toJson(list, result) } };
}

type Filter = (entry: MigrationInfo) => boolean;

/** What the options of `info` leave. Throws UsageError. */
function filterOf(options: OptionValues): Filter {
  const states = options.infoOfState
    ?.split(',')
    .map((state) => state.trim().toUpperCase().replaceAll(/[ -]/g, '_'));
  const since = versionOf('--info-since-version', options.infoSinceVersion);
  const until = versionOf('--info-until-version', options.infoUntilVersion);
  const from = dateOf('--info-since-date', options.infoSinceDate);
  const to = dateOf('--info-until-date', options.infoUntilDate);
  return ({ version, state, installedOn }) =>
    (states === undefined || states.includes(state)) &&
    (since === undefined || (version !== null && compareVersions(version, since) >= 0)) &&
    (until === undefined || (version !== null && compareVersions(version, until) <= 0)) &&
    (from === undefined || (installedOn !== undefined && installedOn >= from)) &&
    (to === undefined || (installedOn !== undefined && installedOn <= to));
}

function versionOf(flag: string, text: string | undefined): string | undefined {
  if (text === undefined || versionParts(text) !== null) return text;
  throw new UsageError(`${flag} must be a version, not "${text}".`);
}

/** Flyway's way to write a time: `24/12/2026 18:00`, local. */
function dateOf(flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const [, day, month, year, hour, minute] =
    /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/.exec(text) ?? [];
  if (minute === undefined) throw new UsageError(`${flag} must be as 24/12/2026 18:00, not "${text}".`);
  return new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
}

import type { FastifyInstance } from 'fastify';
import { reportPath } from './policy.ts';

/** What browsers send about a violation, in the one form and the other. */
interface Report {
  readonly 'csp-report'?: Readonly<Record<string, unknown>>;
}

/** Enough for a report; anybody can send one. */
const bodyLimit = 16 * 1024;

/**
 * Takes the reports of browsers about what the policy has stopped. One means a defect of the console, or somebody's attempt: it
 * goes into the log.
 */
export function registerReports(app: FastifyInstance): void {
  void app.register(async (reports) => {
    reports.addContentTypeParser(
      ['application/csp-report', 'application/reports+json'],
      { parseAs: 'string', bodyLimit },
      reports.getDefaultJsonParser('error', 'error'),
    );
    reports.post(reportPath, { schema: { hide: true }, bodyLimit }, async (request, reply) => {
      const report = (request.body ?? {}) as Report;
      const about = report['csp-report'] ?? {};
      const directive = textOf(about['effective-directive'] ?? about['violated-directive']);
      const blocked = textOf(about['blocked-uri']);
      request.log.warn(
        { directive, blocked, requestId: request.id },
        'The content security policy of the console has stopped something',
      );
      return reply.status(204).send();
    });
  });
}

/** It comes from anybody. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 300) : 'unknown';
}
